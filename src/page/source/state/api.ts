// Asks the service for something that is no inference, and makes its errors sentences.
import { forgetToken, token } from './token.ts'

/** @throws Error with a sentence for the reader */
export async function call<T>(path: string, body?: object): Promise<T> {
  const headers = { 'Accept': 'application/json', ...token.value !== undefined && { 'X-VX11-Token': token.value }, ...body && { 'Content-Type': 'application/json' } }
  const reply = await fetch(path, { method: body ? 'POST' : 'GET', headers, ...body && { body: JSON.stringify(body) } }).catch(() => {
    throw new Error('Switch cannot be reached. Is it still running?')
  })
  const answer = await reply.json().catch(() => undefined) as { error?: string } | undefined
  if (reply.status === 401) forgetToken()
  if (!reply.ok) throw new Error(answer?.error ?? `Switch answered with status ${reply.status}.`)
  return answer as T
}
