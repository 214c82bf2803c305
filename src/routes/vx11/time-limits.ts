// How long VX11's services wait for an answer, and so how long Switch may take for one. Seconds.

/** `madre`: of a caller that names itself so, and hangs up earlier than the others. */
export type TimeLimit = { readonly usual: number, readonly madre?: number }

/** Browser 5, gateway 6. */
export const chatLimit: TimeLimit = { usual: 4.5 }
/** Gateway 15, shub and madre's bridge 30, madre by name 8. */
export const routeLimit: TimeLimit = { usual: 14, madre: 7.5 }
/** Gateway 15, madre's intents 30 and without a name, madre by name 5. */
export const taskLimit: TimeLimit = { usual: 14, madre: 4.5 }
/** Hormiguero 2.5. */
export const adviceLimit: TimeLimit = { usual: 2.2 }

/** @param asked by the request itself @param longest HERMES_TIMEOUT */
export function timeLimitSeconds(limit: TimeLimit, source: string | undefined, asked: number | undefined, longest: number): number {
  const usual = source === 'madre' ? limit.madre ?? limit.usual : limit.usual
  return Math.min(asked ?? usual, longest)
}
