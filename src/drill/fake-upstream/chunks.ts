// The pieces of a streamed answer in OpenAI's wire format.

export type ChunkFields = { readonly delta?: object, readonly finish_reason?: string | null }

const id = 'chatcmpl-fake'
const created = 1_790_000_000

/** One `data:` event. */
export function dataEvent(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

export function chunk(model: string, { delta = {}, finish_reason = null }: ChunkFields): string {
  return dataEvent({ id, object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta, logprobs: null, finish_reason }], usage: null })
}

export function usageChunk(model: string, usage: object): string {
  return dataEvent({ id, object: 'chat.completion.chunk', created, model, choices: [], usage })
}

export const doneEvent = dataEvent('[DONE]')

/** Words count as tokens here. */
export function usageOf(words: number): { prompt_tokens: number, completion_tokens: number, total_tokens: number } {
  return { prompt_tokens: 10, completion_tokens: words, total_tokens: 10 + words }
}

/** A whole answer as JSON. */
export function completion(model: string, words: readonly string[]): object {
  return {
    id, object: 'chat.completion', created, model, usage: usageOf(words.length),
    choices: [{ index: 0, message: { role: 'assistant', content: words.join(''), refusal: null }, logprobs: null, finish_reason: 'stop' }]
  }
}

/** OpenAI's error envelope. */
export function errorBody(message: string, type: string, code: string | null = null, param: string | null = null): object {
  return { error: { message, type, param, code } }
}
