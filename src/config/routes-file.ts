// Reads the YAML file of SWITCH_CONFIG: its backends and routes, or everything that is wrong with it at once.
import { isMap, quote, readEntry } from './entry-problems.ts'
import type { EntryReading } from './entry-problems.ts'
import { backendEntries, entryName, routeEntry } from './file-schema.ts'
import type { BackendEntry, RouteEntry } from './file-schema.ts'
import type { Environment } from './load.ts'
import { ConfigError } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import { resolveReferences } from './references.ts'
import type { Plain } from './references.ts'
import { readYaml } from './yaml-text.ts'

/** What the file says, checked by itself: the names in its routes are not looked up yet. */
export type RoutesFile = {
  readonly path: string
  readonly backends: ReadonlyMap<string, BackendEntry>
  readonly routes: ReadonlyMap<string, RouteEntry>
}

type Section = { [key: string]: Plain }

/** @throws ConfigError with every problem of the file */
export async function readRoutesFile(path: string, environment: Environment): Promise<RoutesFile> {
  const written = await readYaml(path)
  if (!isMap(written)) throw new ConfigError([{ name: path, expected: 'a map with backends, routes', received: quote(written) }])
  const problems: ConfigProblem[] = []
  const value = resolveReferences(written, environment, '', problems) as Section
  const unresolved = new Set(problems.map(({ name }) => name))
  const collect = (found: readonly ConfigProblem[]) => problems.push(...found.filter(({ name }) => !unresolved.has(name)))
  collect(Object.keys(written).filter((key) => key !== 'backends' && key !== 'routes')
    .map((key) => ({ name: key, expected: 'one of the keys backends, routes', received: JSON.stringify(key) })))
  const file = {
    path,
    backends: readSection('backends', value, written, readBackend, collect),
    routes: readSection('routes', value, written, readRoute, collect)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return file
}

type ReadEntry<T> = (path: string, value: Plain, written: Plain) => EntryReading<T>

function readSection<T>(section: 'backends' | 'routes', file: Section, writtenFile: Section, read: ReadEntry<T>, collect: (found: readonly ConfigProblem[]) => void): Map<string, T> {
  const { [section]: value = {} } = file
  const entries = new Map<string, T>()
  if (!isMap(value)) {
    collect([{ name: section, expected: 'a map of names', received: quote(writtenFile[section]) }])
    return entries
  }
  for (const [name, entry] of Object.entries(value)) {
    if (!entryName.test(name)) collect([{ name: `${section}.${name}`, expected: 'a name of 1 to 64 letters, digits, _ and -', received: JSON.stringify(name) }])
    const { value: valid, problems } = read(`${section}.${name}`, entry, (writtenFile[section] as Section)[name]!)
    collect(problems)
    if (valid !== undefined) entries.set(name, valid)
  }
  return entries
}

function readBackend(path: string, value: Plain, written: Plain): EntryReading<BackendEntry> {
  const type = isMap(value) ? value['type'] : undefined
  if (typeof type === 'string' && Object.hasOwn(backendEntries, type)) return readEntry(backendEntries[type as keyof typeof backendEntries], path, value, written)
  if (!isMap(written)) return { value: undefined, problems: [{ name: path, expected: 'a map with a type', received: quote(written) }] }
  return { value: undefined, problems: [{ name: `${path}.type`, expected: `one of ${Object.keys(backendEntries).join(', ')}`, received: quote(written['type']) }] }
}

/** A list of backends stands for a route that says no more. */
function readRoute(path: string, value: Plain, written: Plain): EntryReading<RouteEntry> {
  if (!Array.isArray(value)) return readEntry(routeEntry, path, value, written)
  const { value: route, problems } = readEntry(routeEntry, path, { backends: value }, { backends: written })
  return route === undefined ? { value: route, problems: problems.map(({ expected, received }) => ({ name: path, expected, received })) } : { value: route, problems: [] }
}
