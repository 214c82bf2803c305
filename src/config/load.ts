// Reads the environment and .env into one frozen configuration, or says everything that is wrong with them at once.
import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { parseEnv } from 'node:util'
import { configSchema, defaultOf, factsOf, listOf, variableNames } from './schema.ts'
import type { Config, VariableName } from './schema.ts'

export type Environment = Record<string, string | undefined>

/** One wrong variable: its name, what it takes and what it got. */
export type ConfigProblem = { name: string, expected: string, received: string }

/** The configuration is wrong. The message lists every problem; nothing was started. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, expected, received }) => `  ${name}: expected ${expected}, received ${received}`)
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const tokenFallbacks = ['VX11_TENTACULO_LINK_TOKEN', 'VX11_GATEWAY_TOKEN', 'API_TOKEN']

/**
 * The configuration that `environment` asks for. An empty value counts as unset, as compose files write it.
 * @throws ConfigError with every problem
 */
export function loadConfig(environment: Environment): Config {
  const values = withSecondNames(withoutEmpty(environment))
  const parsed = configSchema.safeParse(values)
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0] as VariableName))
  const problems = [...[...wrong].map((name) => problemOf(name, values)), ...openToOthers(values, wrong)]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(parsed.data)
}

/** The environment with the variables of a .env file beneath it: what is set outside wins. A missing file is no error. */
export function withEnvFile(environment: Environment, path: string): Environment {
  try {
    return { ...parseEnv(readFileSync(path, 'utf8')), ...withoutEmpty(environment) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment
    throw new ConfigError([{ name: path, expected: 'a readable file of NAME=value lines', received: (error as Error).message }])
  }
}

/** Variables that look like ours but are none, each probably a slip of the pen. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set<string>([...variableNames, 'HERMES_LOG_INFERENCE_TIME'])
  return Object.keys(environment).filter((name) => /^(HERMES|SWITCH)_/.test(name) && !known.has(name)).sort()
}

/** The accepted tokens; none means that the service is open, which only loopback may be. */
export function acceptedTokens(config: Config): string[] {
  return listOf(config.SWITCH_TOKEN ?? '')
}

function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''))
}

function withSecondNames(values: Environment): Environment {
  const token = [values['SWITCH_TOKEN'], ...tokenFallbacks.map((name) => values[name])].find((value) => value !== undefined)
  const logTime = values['LOG_INFERENCE_TIME'] ?? values['HERMES_LOG_INFERENCE_TIME']
  return { ...values, SWITCH_TOKEN: token, LOG_INFERENCE_TIME: logTime }
}

function problemOf(name: VariableName, values: Environment): ConfigProblem {
  const { expected, secret } = factsOf(name)
  return { name, expected, received: secret ? '(hidden)' : JSON.stringify(values[name]) }
}

/** A service that others can reach needs a token. */
function openToOthers(values: Environment, wrong: ReadonlySet<VariableName>): ConfigProblem[] {
  const host = values['HOST']?.trim() ?? defaultOf('HOST')!
  if (isLoopback(host) || values['SWITCH_TOKEN'] !== undefined || wrong.has('SWITCH_TOKEN')) return []
  return [{ name: 'SWITCH_TOKEN', expected: `a token, because HOST=${host} is reachable from other machines`, received: 'nothing' }]
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
