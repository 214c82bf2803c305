// What is asked in a scenario, the same way whoever answers. Types and what follows from them.

export type Message = { readonly role: 'user' | 'assistant', readonly content: string }

export type Question = {
  readonly messages: readonly Message[]
  /** The answer has exactly this many tokens. */
  readonly maxTokens: number
  /** Hangs up. */
  readonly signal?: AbortSignal
  /** Called for each token as it arrives. */
  readonly onToken?: (count: number) => void
}

/** Times are those of performance.now(). */
export type Answer = {
  readonly startedAt: number
  /** Arrival of each token. */
  readonly tokenTimes: readonly number[]
  readonly endedAt: number
  readonly promptTokens: number
  readonly text: string
  /** How long Switch let the request wait for a slot; of Switch alone. */
  readonly queuedMs: number | undefined
}

export type Subject = {
  readonly name: string
  /** Greedy decoding. @throws when the answer is not as long as it was asked to be, or the signal's reason */
  ask(question: Question): Promise<Answer>
}

/** A subject in a process of its own. */
export type Service = Subject & { readonly pid: number, stop(): Promise<void> }

export function firstTokenMs({ startedAt, tokenTimes }: Answer): number {
  return tokenTimes[0]! - startedAt
}

/** Tokens per second from the first token to the last. */
export function decodeRate({ tokenTimes }: Answer): number {
  return (tokenTimes.length - 1) * 1000 / (tokenTimes.at(-1)! - tokenTimes[0]!)
}

/** Milliseconds between each token and the one before. */
export function gapsOf(tokenTimes: readonly number[]): number[] {
  return tokenTimes.slice(1).map((time, index) => time - tokenTimes[index]!)
}

/** Checks that nothing was cut short or put together, which would make the figures wrong. */
export function expectTokens(name: string, sent: number, reported: number, wanted: number): void {
  if (Math.abs(sent - wanted) > 2 || reported !== wanted) throw new Error(`${name} was asked for ${wanted} tokens, reported ${reported} and sent ${sent}. The comparison needs one event a token.`)
}
