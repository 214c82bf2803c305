// switch config check: reads the configuration as serve would and prints what comes of it, or everything that is wrong.
import { resolve } from 'node:path'
import { loadConfiguration } from '../config/configuration.ts'
import { unknownVariables } from '../config/load.ts'
import { orProblems } from '../config/problem.ts'
import { modelOf } from '../config/specs.ts'
import type { BackendSpec, RouteSpec, Specs } from '../config/specs.ts'
import { readEnvironment } from './settings.ts'

export type ConfigCheckOptions = { json?: boolean }

/** @param file to check in the place of SWITCH_CONFIG */
export async function checkConfig(file: string | undefined, { json = false }: ConfigCheckOptions): Promise<void> {
  const environment = { ...readEnvironment(), ...file !== undefined && { SWITCH_CONFIG: file } }
  const path = environment['SWITCH_CONFIG']?.trim() || undefined
  const { value, problems } = await orProblems(() => loadConfiguration(environment))
  if (value === undefined) {
    if (json) console.log(JSON.stringify({ ok: false, file: path, problems }, null, 2))
    else console.error(describeProblems(problems))
    process.exitCode = 2
    return
  }
  const warnings = unknownVariables(environment).map((name) => `${name} is no setting of Switch`)
  if (json) console.log(JSON.stringify({ ok: true, file: path && resolve(path), warnings, ...withoutSecrets(value.specs) }, null, 2))
  else console.log(describe(value.specs, path, warnings))
}

function describeProblems(problems: readonly { name: string, expected: string, received: string }[]): string {
  return [`${problems.length === 1 ? '1 problem' : `${problems.length} problems`}:`, ...problems.map(({ name, expected, received }) => `  ${name}: expected ${expected}, received ${received}`)].join('\n')
}

function describe({ backends, routes }: Specs, path: string | undefined, warnings: readonly string[]): string {
  const width = Math.max(...[...backends, ...routes].map(({ name }) => name.length))
  return [
    `ok: ${path ?? 'the environment, without a file'}`,
    'backends',
    ...backends.map((spec) => `  ${spec.name.padEnd(width)}  ${describeBackend(spec)}`),
    'routes',
    ...routes.map((route) => `  ${route.name.padEnd(width)}  ${describeRoute(route)}`),
    ...warnings.map((warning) => `warning: ${warning}`)
  ].join('\n')
}

function describeBackend(spec: BackendSpec): string {
  const where = spec.type === 'llama-cpp' ? describeChoice(spec.choice) : `${modelOf(spec)} at ${spec.baseUrl}`
  return `${spec.type.padEnd('llama-cpp'.length)}  ${where}${spec.type === 'openai' && spec.apiKey !== undefined ? ', with a key' : ''}`
}

function describeChoice(choice: Extract<BackendSpec, { type: 'llama-cpp' }>['choice']): string {
  return 'problem' in choice ? choice.problem : `${choice.name}, ${choice.path}`
}

function describeRoute({ backends, leftOut, isPrivate }: RouteSpec): string {
  const order = backends.join(', ') || 'nothing'
  return `${order}${isPrivate ? ' (private)' : ''}${leftOut.length > 0 ? ` (not configured: ${leftOut.join(', ')})` : ''}`
}

function withoutSecrets({ backends, routes }: Specs): Specs {
  return { backends: backends.map((spec) => spec.type === 'openai' && spec.apiKey !== undefined ? { ...spec, apiKey: '(hidden)' } : spec), routes }
}
