// Reads the environment and .env into one frozen configuration, or says everything that is wrong with them at once.
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { environmentNames, orderOf } from './environment-specs.ts'
import { isLoopback } from './loopback.ts'
import { ConfigError, quoteText } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { configSchema, defaultOf, factsOf, listOf, variableNames } from './schema.ts'
import type { Config, VariableName } from './schema.ts'

export { ConfigError } from './problem.ts'
export type { ConfigProblem } from './problem.ts'

export type Environment = Record<string, string | undefined>

const tokenFallbacks = ['VX11_TENTACULO_LINK_TOKEN', 'VX11_GATEWAY_TOKEN', 'API_TOKEN']

/**
 * The configuration that `environment` asks for. An empty value counts as unset, as compose files write it.
 * @throws ConfigError with every problem
 */
export function loadConfig(environment: Environment): Config {
  const values = withSecondNames(withoutEmpty(environment))
  const parsed = configSchema.safeParse(values)
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0] as VariableName))
  const problems = [...[...wrong].map((name) => problemOf(name, values)), ...unknownInRoute(values, wrong), ...openToOthers(values, wrong)]
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
  const hasNoFile = values['SWITCH_CONFIG'] === undefined
  return { name, expected: name === 'SWITCH_ROUTE' && hasNoFile ? orderOf(environmentNames) : expected, received: secret ? '(hidden)' : quoteText(values[name] ?? '') }
}

/** Without a file every name is known here; with one, specsOf looks at the names. */
function unknownInRoute(values: Environment, wrong: ReadonlySet<VariableName>): ConfigProblem[] {
  if (wrong.has('SWITCH_ROUTE') || values['SWITCH_CONFIG'] !== undefined) return []
  const names = listOf(values['SWITCH_ROUTE'] ?? '')
  return names.every((name) => (environmentNames as readonly string[]).includes(name)) ? [] : [problemOf('SWITCH_ROUTE', values)]
}

/** A service that others can reach needs a token. */
function openToOthers(values: Environment, wrong: ReadonlySet<VariableName>): ConfigProblem[] {
  const host = values['HOST']?.trim() ?? defaultOf('HOST')!
  if (isLoopback(host) || values['SWITCH_TOKEN'] !== undefined || wrong.has('SWITCH_TOKEN')) return []
  return [{ name: 'SWITCH_TOKEN', expected: `a token, because HOST=${host} is reachable from other machines`, received: 'nothing' }]
}
