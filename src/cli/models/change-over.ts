// Asks the running service, where there is one, to change over to another model.
import type { Config } from '../../config/schema.ts'
import { isSwitch } from '../running-service.ts'
import { serviceUrl, tokenHeaders } from '../settings.ts'

/** What came of it, and a sentence for people. */
export type ChangeOver = { readonly state: 'changed' | 'not_running' | 'restart_needed' | 'failed', readonly message: string }

/** Loading a large model from a slow disk. */
const longestLoadMs = 600_000

export async function changeOver(model: string, config: Config): Promise<ChangeOver> {
  const url = serviceUrl(config)
  if (!await isSwitch(url)) return { state: 'not_running', message: `No Switch listens at ${url}: it holds from the next start.` }
  try {
    const response = await fetch(new URL('/switch/models/load', url), {
      method: 'POST', signal: AbortSignal.timeout(longestLoadMs), body: JSON.stringify({ model }),
      headers: { 'Content-Type': 'application/json', 'Accept': 'application/json', ...tokenHeaders(config) }
    })
    if (response.ok) return { state: 'changed', message: `The service at ${url} answers with ${model} now.` }
    return refused(url, await response.json() as { error?: string, code?: string })
  } catch (error) {
    return { state: 'failed', message: `The service at ${url} did not say whether it changed over: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}. Restart it.` }
  }
}

function refused(url: string, { error = 'it gave no reason', code = '' }: { error?: string, code?: string }): ChangeOver {
  if (code === 'SWITCH_HTTP_NOT_FOUND' || code === 'SWITCH_HTTP_METHOD_NOT_ALLOWED') return { state: 'restart_needed', message: `The service at ${url} cannot change over while it runs: restart it.` }
  return { state: 'failed', message: `The service at ${url} did not change over: ${error}` }
}
