// Runs the service: listens, and on a signal lets running requests finish before it goes.
import { accessSync, constants, mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { createRegistry } from './backends/registry.ts'
import type { Registry } from './backends/registry.ts'
import { specsOf } from './config/configuration.ts'
import type { Config } from './config/schema.ts'
import type { Specs } from './config/specs.ts'
import { watchRequests } from './http/drain.ts'
import { ShuttingDown } from './inference/failure.ts'
import { startTraces } from './observability/traces/traces.ts'
import { readVersion } from './version.ts'

export type RunningServer = {
  /** For example http://127.0.0.1:8000. */
  readonly url: string
  readonly registry: Registry
  /** Stops accepting, lets running requests finish within the grace period, ends the rest, frees everything. */
  close(): Promise<void>
}

/** The address cannot be listened on. */
export class ListenError extends Error {}

/** After the grace period, the time for the errors of what was ended to reach their callers. */
const lastWordsMs = 1000

/**
 * Starts the backends and listens.
 * @param specs backends and routes; by default those that the environment gives, without a file
 * @throws ListenError
 */
export async function startServer(config: Config, logger: FastifyBaseLogger, specs: Specs = specsOf(config)): Promise<RunningServer> {
  // First of all, because loading a model takes longer than anything else.
  const registry = await createRegistry({ config, specs, log: logger })
  // Its modules are read while the engine starts.
  const { buildApp } = await import('./app.ts')
  const closing = new AbortController()
  const warnings = cacheWarnings(config.SWITCH_CACHE_DIR)
  for (const warning of warnings) logger.warn(warning)
  const version = readVersion()
  const traces = await startTraces({ config, registry, version, log: logger })
  const app = await buildApp({ config, registry, logger, version, closing: closing.signal, warnings, traces: traces?.observer })
  const drain = watchRequests(app.server)
  const graceMs = config.SWITCH_SHUTDOWN_GRACE * 1000
  try {
    await app.listen({ host: config.HOST, port: config.PORT, listenTextResolver: (address) => `listening on ${address}` })
  } catch (error) {
    await Promise.all([app.close(), registry.close(), traces?.close()])
    throw new ListenError(describeListenError(error as NodeJS.ErrnoException, config), { cause: error })
  }
  return {
    url: urlOf(app.server.address() as AddressInfo),
    registry,
    close: async () => {
      const stopDraining = drain.start()
      const timers = [
        setTimeout(() => closing.abort(new ShuttingDown()), graceMs),
        setTimeout(() => drain.cut(), graceMs + lastWordsMs)
      ]
      await app.close()
      stopDraining()
      for (const timer of timers) clearTimeout(timer)
      // Requests are observed to their end one turn after it.
      await setImmediate()
      await Promise.all([registry.close(), traces?.close()])
    }
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

function describeListenError({ code, message }: NodeJS.ErrnoException, { HOST, PORT }: Config): string {
  if (code === 'EADDRINUSE') return `Port ${PORT} on ${HOST} is in use. Stop the program that uses it, or set PORT to another one.`
  if (code === 'EACCES') return `Port ${PORT} may not be used by this user. Set PORT to 1024 or higher.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST=${HOST} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of them.`
  return `Cannot listen on ${HOST}:${PORT}: ${message}`
}

/** A cache folder that cannot be written makes Switch slower, not wrong: it goes on without. */
function cacheWarnings(folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return []
  } catch (error) {
    return [`SWITCH_CACHE_DIR=${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); nothing is cached. Make the folder writable or set another one.`]
  }
}
