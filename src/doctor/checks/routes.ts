// Who would answer on the default route.
import { modelOf } from '../../config/specs.ts'
import type { BackendSpec, Specs } from '../../config/specs.ts'
import { ok, problem } from '../finding.ts'
import type { Finding } from '../finding.ts'

export function checkRoutes({ backends, routes }: Specs): Finding {
  const route = routes.find(({ name }) => name === 'default')
  if (route === undefined) return problem('No route could be made of the settings.', 'npx switch config check')
  const members = route.backends.flatMap((name) => backends.find((spec) => spec.name === name) ?? [])
  const able = members.filter(canAnswer)
  const without = members.filter((spec) => !able.includes(spec)).map(({ name }) => `${name} has no model`)
  const missing = route.leftOut.length === 0 ? '' : ` Not configured: ${route.leftOut.join(', ')}.`
  const facts = { route: route.backends, able: able.map(({ name }) => name), left_out: route.leftOut, routes: routes.map(({ name }) => name) }
  if (able.length === 0) {
    const why = members.length === 0 ? 'no backend is configured' : without.join(', ')
    return problem(`Nobody would answer on the default route: ${why}.${missing}`, 'HERMES_MODEL_NAME=switch-tiny\nor a real model: npx switch models pull hermes-3b-q4\nor a remote backend: OPENAI_API_KEY=…', facts)
  }
  return ok(`The default route asks ${able.map((spec) => `${spec.name} (${modelOf(spec)})`).join(', then ')}.${without.length === 0 ? '' : ` It passes over: ${without.join(', ')}.`}${missing}`, facts)
}

function canAnswer(spec: BackendSpec): boolean {
  return spec.type !== 'llama-cpp' || 'path' in spec.choice
}
