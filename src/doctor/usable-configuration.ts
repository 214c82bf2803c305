// What can be made of a configuration, also of a broken one: whatever is wrong counts as unset, and is told.
import { loadConfiguration, specsOf } from '../config/configuration.ts'
import { loadConfig, withEnvFile } from '../config/load.ts'
import type { Environment } from '../config/load.ts'
import { orProblems } from '../config/problem.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Specs } from '../config/specs.ts'

export type UsableConfiguration = {
  readonly environment: Environment
  /** HOST is as it was set, also where a service would refuse it. */
  readonly config: Config
  /** Of the environment alone where the YAML file is wrong; empty where not even these can be made. */
  readonly specs: Specs
  readonly problems: readonly ConfigProblem[]
}

/** What a problem is called that no setting causes. */
export const installation = 'the installation'

/** Names under which a value comes too, by the name that a problem has. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  SWITCH_TOKEN: ['VX11_TENTACULO_LINK_TOKEN', 'VX11_GATEWAY_TOKEN', 'API_TOKEN'],
  LOG_INFERENCE_TIME: ['HERMES_LOG_INFERENCE_TIME']
}

/** @param envFile such as .env; it may be missing. Never throws for what a person has set. */
export async function usableConfiguration(variables: Environment, envFile: string): Promise<UsableConfiguration> {
  const read = await orWhatIsWrong(() => withEnvFile(variables, envFile))
  const environment = read.value ?? variables
  const whole = await orWhatIsWrong(() => loadConfiguration(environment))
  if (whole.value !== undefined) return { environment, ...whole.value, problems: read.problems }
  const config = await usableConfig(environment, whole.problems)
  return { environment, config, specs: await usableSpecs(config), problems: [...read.problems, ...whole.problems] }
}

/** Also what no person has set, such as a damaged catalogue, must not keep the other checks from their work. */
async function orWhatIsWrong<T>(read: () => T | Promise<T>): ReturnType<typeof orProblems<T>> {
  try {
    return await orProblems(read)
  } catch (error) {
    return { value: undefined, problems: [{ name: installation, expected: 'readable files', received: (error as Error).message.slice(0, 300) }] }
  }
}

async function usableConfig(environment: Environment, problems: readonly ConfigProblem[]): Promise<Config> {
  const wrong = new Set(problems.flatMap(({ name }) => [name, ...otherNames[name] ?? []]))
  const rest = Object.entries(environment).filter(([name]) => !wrong.has(name))
  const { HOST, ...others } = Object.fromEntries(rest)
  // Without a token another host than loopback would be refused: that is told, and the checks are to see it.
  const { value = loadConfig({}) } = await orWhatIsWrong(() => loadConfig(others))
  return HOST?.trim() ? { ...value, HOST: HOST.trim() } : value
}

async function usableSpecs(config: Config): Promise<Specs> {
  const { SWITCH_ROUTE, HERMES_MODEL_NAME } = loadConfig({})
  for (const candidate of [config, { ...config, SWITCH_ROUTE, HERMES_MODEL_NAME, HERMES_FALLBACK_MODEL: undefined }]) {
    const { value } = await orWhatIsWrong(() => specsOf(candidate))
    if (value !== undefined) return value
  }
  return { backends: [], routes: [] }
}
