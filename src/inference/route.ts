// Routes: named orders of backends, and what a caller's `model` selects among them.
import type { Backend } from '../backends/backend.ts'
import type { InferenceRequest } from './request.ts'
import type { GatedBackend } from './target.ts'
import { SwitchError } from './errors.ts'

/** Route names to their backends, in order. A route without a configured backend is present and empty. */
export type Routes = ReadonlyMap<string, readonly GatedBackend[]>

/** Abilities that a request may need, and the field of the request that needs them. */
const fieldOf = { tools: 'tools', jsonSchema: 'response_format', vision: 'messages', logprobs: 'logprobs', rawPrompt: 'prompt' } as const

/** Abilities that a request cannot do without. */
export type Needs = readonly (keyof typeof fieldOf)[]

export function needsOf({ messages, tools = [], toolChoice, responseFormat, logprobs, rawPrompt }: InferenceRequest): Needs {
  const hasImage = messages.some(({ content }) => typeof content !== 'string' && content.some(({ type }) => type === 'image'))
  const isNeeded: Record<Needs[number], boolean> = {
    tools: tools.length > 0 && toolChoice !== 'none', jsonSchema: responseFormat?.type === 'json_schema', vision: hasImage, logprobs: logprobs !== undefined, rawPrompt: rawPrompt !== undefined
  }
  return (Object.keys(fieldOf) as Needs[number][]).filter((need) => isNeeded[need])
}

/** The field that asks for what the backend cannot do; undefined when it can do everything. */
export function fieldBeyond({ capabilities }: Backend, needs: Needs): string | undefined {
  const need = needs.find((one) => !capabilities[one])
  return need && fieldOf[need]
}

/**
 * The backends that `model` selects: a route's name, a backend's name, or backend/model. Without one: the default route.
 * At least one of them can do what the request needs.
 * @throws SwitchError SWITCH_ROUTE_UNKNOWN that lists what there is
 * @throws SwitchError SWITCH_REQUEST_UNSUPPORTED when none of them can do what the request needs
 */
export function selectTargets(routes: Routes, backends: readonly GatedBackend[], model: string | undefined, needs: Needs): readonly GatedBackend[] {
  const named = namedTargets(routes, backends, model)
  if (named.some(({ backend }) => fieldBeyond(backend, needs) === undefined)) return named
  const path = fieldOf[needs.find((need) => named.every(({ backend }) => !backend.capabilities[need])) ?? needs[0]!]
  const names = named.map(({ backend }) => backend.name).join(', ')
  throw new SwitchError('SWITCH_REQUEST_UNSUPPORTED', `${path} is not supported by ${names}. Send the request without it.`, { body: { details: [{ path, reason: `not supported by ${names}` }] } })
}

function namedTargets(routes: Routes, backends: readonly GatedBackend[], model: string | undefined): readonly GatedBackend[] {
  const route = routes.get(model ?? 'default')
  if (route !== undefined) return notEmpty(route, model ?? 'default')
  const chosen = backends.find(({ backend }) => model === backend.name || model === `${backend.name}/${backend.state().model}` || passedModel(backend, model) !== undefined)
  if (chosen !== undefined) return [chosen]
  const names = [...selectableNames(routes, backends)].join(', ')
  throw new SwitchError('SWITCH_ROUTE_UNKNOWN', `There is no route or backend named ${JSON.stringify(model)}. Use one of: ${names}.`, {
    body: { details: [{ path: 'model', reason: `must be one of ${names}` }] }
  })
}

/** What `model` names of a backend that takes any model: the part after its own name. Undefined for other backends. */
export function passedModel(backend: Backend, model: string | undefined): string | undefined {
  const prefix = `${backend.name}/`
  return backend.state().model === '*' && model?.startsWith(prefix) ? model.slice(prefix.length) || undefined : undefined
}

/** Every value that `model` may take. */
export function selectableNames(routes: Routes, backends: readonly GatedBackend[]): Set<string> {
  const filled = [...routes].filter(([, targets]) => targets.length > 0).map(([name]) => name)
  const own = backends.flatMap(({ backend }) => [backend.name, `${backend.name}/${backend.state().model}`])
  return new Set([...filled, ...own])
}

function notEmpty(targets: readonly GatedBackend[], name: string): readonly GatedBackend[] {
  if (targets.length > 0) return targets
  throw new SwitchError('SWITCH_ROUTE_UNAVAILABLE', `No backend of the route ${name} is configured. Set HERMES_ENABLE=true or a key of a remote backend.`, {
    body: { model: 'none', fallback: 'Use OpenAI API or CLI', source: 'degraded', attempts: [] }
  })
}
