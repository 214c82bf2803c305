// What is asked in a scenario, the same way whoever answers. Types and what follows from them.

export type Message = { readonly role: 'user' | 'assistant', readonly content: string }

export type Question = {
  readonly messages: readonly Message[]
  /** The answer has exactly this many tokens. */
  readonly maxTokens: number
  /** Hangs up. */
  readonly signal?: AbortSignal
  /** Called for each piece of text as it arrives. */
  readonly onText?: (count: number) => void
}

/** Times are those of performance.now(). */
export type Answer = {
  readonly startedAt: number
  /** Arrival of each piece of text, the first of which is one token. */
  readonly textTimes: readonly number[]
  readonly endedAt: number
  /** In all pieces. */
  readonly tokens: number
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

export function firstTokenMs({ startedAt, textTimes }: Answer): number {
  return textTimes[0]! - startedAt
}

/** Tokens per second from the first token to the last. */
export function decodeRate({ tokens, textTimes }: Answer): number {
  return (tokens - 1) * 1000 / (textTimes.at(-1)! - textTimes[0]!)
}

/** Milliseconds between each piece of text and the one before. */
export function gapsOf(textTimes: readonly number[]): number[] {
  return textTimes.slice(1).map((time, index) => time - textTimes[index]!)
}

/** Checks that nothing was cut short, which would make the figures wrong. */
export function expectTokens(name: string, reported: number, wanted: number): void {
  if (reported !== wanted) throw new Error(`${name} was asked for ${wanted} tokens and reported ${reported}.`)
}
