// switch serve: runs the service until a signal.
import { loadSpecs } from '../config/configuration.ts'
import { unknownVariables, withEnvFile } from '../config/load.ts'
import { createReload } from '../config/reload.ts'
import type { Config } from '../config/schema.ts'
import { watchFile } from '../config/watch.ts'
import { systemClock } from '../inference/clock.ts'
import { startProbing } from '../inference/prober.ts'
import { createLogger } from '../observability/logger.ts'
import type { Log } from '../observability/log.ts'
import { ListenError, startServer } from '../server.ts'
import type { RunningServer } from '../server.ts'
import { readConfiguration, readEnvironment } from './settings.ts'

export async function serve(): Promise<void> {
  const environment = readEnvironment()
  const { config, specs } = await readConfiguration(environment)
  const logger = await createLogger(config)
  for (const name of unknownVariables(environment)) logger.warn(`${name} is no setting of Switch and has no effect. .env.example lists the settings.`)
  try {
    const server = await startServer(config, logger, specs)
    const stopProbing = startProbing(server.registry, systemClock)
    stopOnSignal(async () => {
      stopProbing()
      await server.close()
    }, logger)
    if (config.SWITCH_CONFIG !== undefined) reloadOnChange(server, config, config.SWITCH_CONFIG, logger)
    announce(server, config.SWITCH_TOKEN !== undefined, logger)
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** SIGHUP, or a new file in the place of the old one, exchanges backends and routes; the settings of the environment stay. */
function reloadOnChange({ registry }: RunningServer, config: Config, path: string, log: Log): void {
  const reload = createReload({
    read: () => loadSpecs(config, withEnvFile(process.env, '.env')),
    apply: (specs) => registry.reload(specs),
    log
  })
  process.on('SIGHUP', () => void reload('SIGHUP'))
  watchFile(path, () => void reload(`${path} was changed`), log)
}

/** The URL, who answers and a line to paste: as text on a terminal, as a log line elsewhere. */
function announce({ url, registry }: RunningServer, needsToken: boolean, log: Log): void {
  const route = registry.routes.get('default')!.map(({ backend }) => `${backend.name} (${backend.state().model})`).join(', then ') || 'nobody: no backend is configured'
  const curl = `curl -s ${url}/switch/infer -H 'Content-Type: application/json'${needsToken ? " -H 'X-VX11-Token: YOUR_TOKEN'" : ''} -d '{"prompt": "What is the capital of France?"}'`
  if (process.stdout.isTTY) process.stdout.write(`\n  Switch is up at ${url}\n  Answers: ${route}\n\n  Try: ${curl}\n\n`)
  else log.info({ url, route, try: curl }, 'Switch is up')
}

/** The first signal lets requests finish; the second ends at once. */
function stopOnSignal(close: () => Promise<void>, log: Log): void {
  let isStopping = false
  const stop = (why: string) => {
    if (isStopping) process.exit(1)
    isStopping = true
    log.info(`${why}: finishing what runs; a second signal ends at once`)
    close().then(() => process.exit(0), (error: unknown) => {
      log.error({ err: error }, 'the shutdown failed')
      process.exit(1)
    })
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  stopWithNpm(() => stop('npm is gone'))
}

/** npm gives a signal to its shell, which dies without handing it on: a service started by npm ends when its parent is gone. */
function stopWithNpm(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, 500)
  timer.unref()
}
