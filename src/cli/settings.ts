// What every verb does first: reads the configuration, and ends with code 2 when it is wrong.
import { loadConfiguration } from '../config/configuration.ts'
import type { Configuration } from '../config/configuration.ts'
import { ConfigError, acceptedTokens, loadConfig, withEnvFile } from '../config/load.ts'
import type { Environment } from '../config/load.ts'
import { orProblems } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'

/** The environment with .env of the working folder beneath it. */
export function readEnvironment(): Environment {
  return orUsageError(() => withEnvFile(process.env, '.env'))
}

/** The configuration, or the end of the process with every problem on standard error. */
export function readConfig(environment: Environment): Config {
  return orUsageError(() => loadConfig(environment))
}

/** The configuration with the backends and routes of its file, or the end of the process likewise. */
export async function readConfiguration(environment: Environment): Promise<Configuration> {
  const { value, problems } = await orProblems(() => loadConfiguration(environment))
  return value ?? usageError(new ConfigError(problems))
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
    return usageError(error)
  }
}

function usageError(error: ConfigError): never {
  console.error(error.message)
  process.exit(2)
}
