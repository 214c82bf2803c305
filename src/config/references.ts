// Replaces ${NAME} in the values of the YAML file by the environment's, after parsing: no value can add structure.
import type { ConfigProblem } from './problem.ts'
import type { Environment } from './load.ts'

/** A parsed YAML value. */
export type Plain = null | boolean | number | string | bigint | Plain[] | { [key: string]: Plain }

const reference = /\$\{([^}]*)\}?/g
const validName = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * `value` with every reference replaced. A string with a problem stays as it was.
 * @param path of the value, for the problems
 * @param problems gets one entry for each reference that leads nowhere
 */
export function resolveReferences(value: Plain, environment: Environment, path: string, problems: ConfigProblem[]): Plain {
  if (typeof value === 'string') return resolveText(value, environment, path, problems)
  if (Array.isArray(value)) return value.map((item, index) => resolveReferences(item, environment, `${path}[${index}]`, problems))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveReferences(item, environment, path === '' ? key : `${path}.${key}`, problems)]))
}

function resolveText(text: string, environment: Environment, path: string, problems: ConfigProblem[]): string {
  const found: ConfigProblem[] = []
  const resolved = text.replaceAll(reference, (all, name: string) => {
    const value = environment[name]
    if (!all.endsWith('}') || !validName.test(name)) found.push({ name: path, expected: '${NAME} with the name of an environment variable', received: all.endsWith('}') ? '${…} with something else' : '${ without an end' })
    else if (value === undefined || value.trim() === '') found.push({ name: path, expected: `the environment variable ${name} to be set`, received: 'nothing' })
    return value ?? ''
  })
  problems.push(...found)
  return found.length > 0 ? text : resolved
}
