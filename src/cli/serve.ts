// switch serve: runs the service until a signal.
import { unknownVariables } from '../config/load.ts'
import { createLogger } from '../observability/logger.ts'
import { ListenError, startServer } from '../server.ts'
import type { RunningServer } from '../server.ts'
import { readConfig, readEnvironment } from './settings.ts'

export async function serve(): Promise<void> {
  const environment = readEnvironment()
  const config = readConfig(environment)
  const logger = await createLogger(config)
  for (const name of unknownVariables(environment)) logger.warn(`${name} is no setting of Switch and has no effect. .env.example lists the settings.`)
  try {
    const server = await startServer(config, logger)
    stopOnSignal(server, (message) => logger.info(message))
    announce(server, config.SWITCH_TOKEN !== undefined)
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    console.error(error.message)
    process.exit(1)
  }

  function announce({ url, registry }: RunningServer, needsToken: boolean): void {
    const model = registry.backends.map(({ backend }) => backend.state().model).join(', ') || 'none'
    const curl = `curl -s ${url}/switch/infer -H 'Content-Type: application/json'${needsToken ? " -H 'X-VX11-Token: YOUR_TOKEN'" : ''} -d '{"prompt": "What is the capital of France?"}'`
    if (process.stdout.isTTY) process.stdout.write(`\n  Switch is up at ${url}\n  Local model: ${model}\n\n  Try: ${curl}\n\n`)
    else logger.info({ url, model, try: curl }, 'Switch is up')
  }
}

/** The first signal lets requests finish; the second ends at once. */
function stopOnSignal(server: RunningServer, log: (message: string) => void): void {
  let isStopping = false
  const stop = (signal: string) => {
    if (isStopping) process.exit(1)
    isStopping = true
    log(`${signal}: finishing what runs; a second signal ends at once`)
    server.close().then(() => process.exit(0), () => process.exit(1))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
}
