// What a caller's provider hint means here: a wish, which never leaves the request without a second backend.
import type { InferenceService } from '../../inference/inference.ts'

export type Preference = {
  readonly service: InferenceService
  /** The route to take; undefined: the default one. */
  readonly model: string | undefined
  /** True when nothing here goes by the name that the caller wished for. */
  readonly isUnknown: boolean
}

const wished = 'wished by the caller'

/**
 * A route by its name; a backend by its name, with those of the default route behind it. Whatever begins with local or
 * hermes stays on this machine, whatever begins with deepseek takes the route reasoning. Anything else is no reason to refuse.
 */
export function preferenceOf(service: InferenceService, hint: string | undefined): Preference {
  const { routes, backends } = service
  if (hint === undefined || routes.has(hint)) return { service, model: hint, isUnknown: false }
  const first = backends.find(({ backend }) => backend.name.toLowerCase() === hint)
  if (first !== undefined) {
    // A backend of this machine was wished for: the prompt does not leave it.
    const others = routes.get(first.backend.isLocal ? 'local' : 'default') ?? []
    const targets = [first, ...others.filter((other) => other !== first)]
    return { service: { ...service, routes: new Map([...routes, [wished, targets]]) }, model: wished, isUnknown: false }
  }
  if (/^(local|hermes)/.test(hint)) return { service, model: 'local', isUnknown: false }
  if (hint.startsWith('deepseek')) return { service, model: 'reasoning', isUnknown: false }
  return { service, model: undefined, isUnknown: true }
}
