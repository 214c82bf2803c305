// What every verb does first: reads the configuration, and ends with code 2 when it is wrong.
import { ConfigError, acceptedTokens, loadConfig, withEnvFile } from '../config/load.ts'
import type { Environment } from '../config/load.ts'
import type { Config } from '../config/schema.ts'

/** The environment with .env of the working folder beneath it. */
export function readEnvironment(): Environment {
  return orUsageError(() => withEnvFile(process.env, '.env'))
}

/** The configuration, or the end of the process with every problem on standard error. */
export function readConfig(environment: Environment): Config {
  return orUsageError(() => loadConfig(environment))
}

/** Where the service of this configuration is reached. */
export function serviceUrl({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST
  return `http://${host}:${PORT}`
}

/** The header that lets a request of this configuration in. */
export function tokenHeaders(config: Config): Record<string, string> {
  const [token] = acceptedTokens(config)
  return token === undefined ? {} : { 'X-VX11-Token': token }
}

function orUsageError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(2)
  }
}
