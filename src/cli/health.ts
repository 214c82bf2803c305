// switch health: asks the running service whether it can answer now.
import { readConfig, readEnvironment, serviceUrl } from './settings.ts'

export type HealthOptions = { json?: boolean, url?: string }

export async function health({ json, url }: HealthOptions): Promise<void> {
  const base = url ?? serviceUrl(readConfig(readEnvironment()))
  const report = await fetchHealth(base)
  if (json) console.log(JSON.stringify(report.body, null, 2))
  else console.log(summarize(report.body))
  process.exitCode = report.isOk ? 0 : 1
}

type Report = { status: string, model?: string, framework?: string, memory_usage_mb?: number, reason?: string }

async function fetchHealth(base: string): Promise<{ isOk: boolean, body: Report }> {
  try {
    const response = await fetch(new URL('/switch/health', base), { signal: AbortSignal.timeout(5000) })
    return { isOk: response.ok, body: await response.json() as Report }
  } catch (error) {
    const cause = (error as Error).cause ?? error
    return { isOk: false, body: { status: 'unreachable', reason: `No service answers at ${base} (${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}). Start it with: switch serve` } }
  }
}

function summarize({ status, model, framework, memory_usage_mb, reason }: Report): string {
  if (status === 'ok') return `ok: ${model} on ${framework}, ${memory_usage_mb} MB`
  return `${status}: ${reason}`
}
