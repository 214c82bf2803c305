// The routes: default, fast, reasoning and local from the environment, then those of the YAML file in their place.
import { environmentNames, orderOf } from './environment-specs.ts'
import type { RouteEntry } from './file-schema.ts'
import type { ConfigProblem } from './problem.ts'
import type { RouteSpec } from './specs.ts'

type Order = Pick<RouteEntry, 'backends' | 'private'>

/** What the routes are made over. */
export type RouteGround = {
  /** SWITCH_ROUTE. */
  readonly order: readonly string[]
  /** Names of all configured backends. */
  readonly configured: readonly string[]
  /** Those of them whose prompts stay with the user. */
  readonly local: readonly string[]
  readonly fileRoutes: ReadonlyMap<string, RouteEntry>
}

const builtIn = new Set(['default', 'fast', 'reasoning', 'local'])

export function routeSpecs({ order, configured, local, fileRoutes }: RouteGround): RouteSpec[] {
  const standard = fileRoutes.get('default') ?? { backends: [...order], private: false }
  const routes = new Map<string, Order>([
    ['default', standard],
    ['fast', standard],
    ['reasoning', { backends: ['deepseek', ...standard.backends.filter((name) => name !== 'deepseek')], private: false }],
    ['local', { backends: [...local], private: false }],
    ...fileRoutes
  ])
  return [...routes].map(([name, route]) => ({
    name,
    backends: route.backends.filter((backend) => configured.includes(backend)),
    leftOut: route.backends.filter((backend) => !configured.includes(backend)),
    isPrivate: route.private
  }))
}

/** What is wrong with the names in the routes, and with their own. */
export function routeProblems({ order, configured, local, fileRoutes }: RouteGround): ConfigProblem[] {
  const known = knownNames(configured)
  const inOrder = order.every((name) => known.includes(name)) ? [] : [{ name: 'SWITCH_ROUTE', expected: orderOf(known), received: JSON.stringify(order.join(',')) }]
  const shadowed = configured.filter((name) => builtIn.has(name) || fileRoutes.has(name))
    .map((name) => ({ name: `backends.${name}`, expected: 'a name that no route has', received: JSON.stringify(name) }))
  const inRoutes = [...fileRoutes].flatMap(([name, route]) => problemsOfRoute(name, route, known, configured.filter((backend) => !local.includes(backend)), local))
  return [...inOrder, ...shadowed, ...inRoutes]
}

/** Every name that SWITCH_ROUTE and the routes of a file may use. */
export function knownNames(configured: readonly string[]): string[] {
  return [...new Set([...environmentNames, ...configured])]
}

function problemsOfRoute(name: string, route: RouteEntry, known: readonly string[], remote: readonly string[], local: readonly string[]): ConfigProblem[] {
  const unknown = route.backends.filter((backend) => !known.includes(backend))
  const leaving = route.private ? route.backends.filter((backend) => remote.includes(backend)) : []
  return [
    ...unknown.map((backend) => ({ name: `routes.${name}`, expected: `backends among ${known.join(', ')}`, received: JSON.stringify(backend) })),
    ...leaving.map((backend) => ({ name: `routes.${name}`, expected: `only local backends (${local.join(', ') || 'there is none'}), because the route is private`, received: JSON.stringify(backend) }))
  ]
}
