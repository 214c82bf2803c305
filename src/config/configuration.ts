// The whole configuration: the settings of the environment, and the backends and routes that these and the YAML file give.
import { isCloudModel } from '../backends/ollama/model-name.ts'
import { readCatalogue } from '../models/catalogue.ts'
import { chooseModel } from '../models/choose.ts'
import { environmentBackends, environmentOrder } from './environment-specs.ts'
import type { UnchosenSpec } from './environment-specs.ts'
import { specOfEntry } from './file-specs.ts'
import { loadConfig } from './load.ts'
import type { Environment } from './load.ts'
import { ConfigError, orProblems } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { routeProblems, routeSpecs } from './route-specs.ts'
import type { RoutesFile } from './routes-file.ts'
import type { Config } from './schema.ts'
import { isLocalSpec } from './specs.ts'
import type { BackendSpec, Specs } from './specs.ts'

export type Configuration = { readonly config: Config, readonly specs: Specs }

/**
 * Reads the environment and the file that it names.
 * @throws ConfigError with the problems of both
 */
export async function loadConfiguration(environment: Environment): Promise<Configuration> {
  const settings = await orProblems(() => loadConfig(environment))
  const file = await orProblems(() => readFile(environment['SWITCH_CONFIG']?.trim() || undefined, environment))
  if (settings.value === undefined || file.problems.length > 0) throw new ConfigError([...settings.problems, ...file.problems])
  return { config: settings.value, specs: specsOf(settings.value, file.value) }
}

/**
 * Reads the file again under settings that stay.
 * @param environment for its references
 * @throws ConfigError
 */
export async function loadSpecs(config: Config, environment: Environment): Promise<Specs> {
  return specsOf(config, await readFile(config.SWITCH_CONFIG, environment))
}

/**
 * The backends and routes of the settings and, where there is one, of the file: what it names replaces what the environment named the same.
 * @throws ConfigError when names do not fit together
 */
export function specsOf(config: Config, file?: RoutesFile): Specs {
  const fromFile = [...file?.backends ?? []].map(([name, entry]) => specOfEntry(name, entry, config))
  const named = new Map([...environmentBackends(config), ...fromFile].map((spec) => [spec.name, spec]))
  const backends = withModels([...named.values()], config)
  const ground = {
    order: environmentOrder(config),
    configured: backends.map(({ name }) => name),
    local: backends.filter(isLocalSpec).map(({ name }) => name),
    fileRoutes: file?.routes ?? new Map()
  }
  const problems = [...cloudProblems(config), ...routeProblems(ground)]
  if (problems.length > 0) throw new ConfigError(problems)
  return { backends, routes: routeSpecs(ground) }
}

/** The local backends must not send prompts away by the names of their models. */
function cloudProblems(config: Config): ConfigProblem[] {
  if (config.HERMES_FRAMEWORK !== 'ollama') return []
  return (['HERMES_MODEL_NAME', 'HERMES_FALLBACK_MODEL'] as const).flatMap((name) => {
    const model = config[name]
    return model !== undefined && isCloudModel(model) ? [{ name, expected: 'a model that does not run in the cloud of Ollama', received: JSON.stringify(model) }] : []
  })
}

async function readFile(path: string | undefined, environment: Environment): Promise<RoutesFile | undefined> {
  if (path === undefined) return undefined
  const { readRoutesFile } = await import('./routes-file.ts')
  return readRoutesFile(path, environment)
}

/** The demo model must not stand in for any other backend unless it was named. */
function withModels(specs: readonly UnchosenSpec[], config: Config): BackendSpec[] {
  const hasRemoteBackend = specs.some(({ type }) => type !== 'llama-cpp')
  return specs.map((spec) => {
    if (spec.type !== 'llama-cpp') return spec
    const { model, ...rest } = spec
    const wanted = { name: model, folder: config.HERMES_MODEL_DIR, hasRemoteBackend, isFallback: spec.name === 'hermes-fallback' }
    return { ...rest, wanted, choice: chooseModel({ ...wanted, catalogue: readCatalogue() }) }
  })
}
