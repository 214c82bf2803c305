// Whether the address can be listened on, or who has it already.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../../config/schema.ts'
import { serviceUrl } from '../../cli/settings.ts'
import { ok, problem, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

const patienceMs = 5000

type Health = { readonly status?: string, readonly model?: string, readonly reason?: string, readonly version?: string, readonly uptime_s?: number }

export async function checkPort(config: Config, signal: AbortSignal): Promise<Finding> {
  const { HOST, PORT } = config
  const facts = { host: HOST, port: PORT }
  if (PORT === 0) return ok('PORT=0: the service picks a free port at each start.', facts)
  const code = await listenProblem(HOST, PORT)
  if (code === undefined) return ok(`Port ${PORT} on ${HOST} is free.`, facts)
  if (code === 'EADDRINUSE') return whoHasIt(config, signal)
  if (code === 'EACCES') return problem(`Port ${PORT} may not be used by this user.`, 'PORT=8000', facts)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return problem(`HOST=${HOST} is no address of this machine.`, 'HOST=127.0.0.1, or HOST=0.0.0.0 with a SWITCH_TOKEN for all of them', facts)
  return problem(`Nobody can listen on ${HOST}:${PORT} (${code}).`, 'HOST=127.0.0.1', facts)
}

async function whoHasIt(config: Config, signal: AbortSignal): Promise<Finding> {
  const { HOST, PORT } = config
  const url = serviceUrl(config)
  const facts = { host: HOST, port: PORT }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const alive = await answer<{ module?: string }>(`${url}/health`, limit)
  if (alive?.module !== 'switch') {
    return problem(`Port ${PORT} on ${HOST} is taken, and not by Switch.`, `See who has it with: ss -ltnp 'sport = :${PORT}'\nthen stop it, or take another port: PORT=${PORT < 65535 ? PORT + 1 : 8000}`, facts)
  }
  const { status = 'unknown', model, reason, version, uptime_s } = await answer<Health>(`${url}/switch/health`, limit) ?? {}
  const found = `A Switch${version === undefined ? '' : ` ${version}`} runs at ${url}${uptime_s === undefined ? '' : ` since ${Math.round(uptime_s)} s`}: ${status}${model === undefined ? '' : `, ${model}`}.`
  const running = { ...facts, status, version: version ?? null }
  return status === 'ok' ? ok(found, running) : warning(`${found} ${reason ?? ''}`.trim(), 'npx switch health --json', running)
}

async function answer<T>(url: string, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await (await fetch(url, { signal, redirect: 'error' })).json() as T
  } catch {
    return undefined
  }
}

/** The system's name for what is wrong; undefined when one could listen. */
async function listenProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening')
    server.close()
    await once(server, 'close')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}
