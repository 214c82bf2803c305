// The backend that a change of models is for.
import type { ModelControl } from '../../backends/backend.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { GatedBackend } from '../../inference/target.ts'
import { nearNames } from '../../models/near-names.ts'
import type { ChangeBody } from './change-body.ts'

export type Chosen = { readonly target: GatedBackend, readonly control: ModelControl }

/** The backend of that name, else the one that runs the model already, else the first that could. @throws SwitchError */
export function backendToLoad(backends: readonly GatedBackend[], { model, backend }: ChangeBody): Chosen {
  if (backend !== undefined) return named(backends, backend)
  return running(backends, model) ?? controlled(backends)[0] ?? nothingLocal()
}

/** The backend of that name, or the one that runs the model. @throws SwitchError */
export function backendToUnload(backends: readonly GatedBackend[], { model, backend }: ChangeBody): Chosen {
  const chosen = backend === undefined ? running(backends, model) : named(backends, backend)
  if (chosen !== undefined && (model === undefined || chosen.target.backend.state().model === model)) return chosen
  const names = controlled(backends).map(({ target }) => target.backend.state().model)
  throw new SwitchError('SWITCH_MODEL_NOT_FOUND', `No backend${backend === undefined ? '' : ` ${backend}`} runs ${model}.${suggestion(model!, names)}`)
}

/** " Did you mean …?" or what there is. @param names that there are */
export function suggestion(asked: string, names: readonly string[]): string {
  const near = nearNames(asked, names)
  if (near.length > 0) return ` Did you mean ${near.slice(0, 3).join(', ')}?`
  return names.length > 0 ? ` There is ${names.join(', ')}.` : ''
}

function controlled(backends: readonly GatedBackend[]): Chosen[] {
  return backends.flatMap((target) => target.backend.modelControl ? { target, control: target.backend.modelControl } : [])
}

function running(backends: readonly GatedBackend[], model: string | undefined): Chosen | undefined {
  return controlled(backends).find(({ target }) => target.backend.state().model === model)
}

function named(backends: readonly GatedBackend[], name: string): Chosen {
  const target = backends.find(({ backend }) => backend.name === name)
  if (target === undefined) throw new SwitchError('SWITCH_MODEL_NOT_FOUND', `There is no backend named ${name}.${suggestion(name, controlled(backends).map((one) => one.target.backend.name))}`)
  if (target.backend.modelControl === undefined) throw new SwitchError('SWITCH_REQUEST_UNSUPPORTED', `The model of ${name} runs elsewhere and is not loaded by Switch. Name a local backend.`, { body: { details: [{ path: 'backend', reason: 'is not local' }] } })
  return { target, control: target.backend.modelControl }
}

function nothingLocal(): never {
  throw new SwitchError('SWITCH_MODEL_NOT_FOUND', 'No local backend is configured that could load a model. Set HERMES_ENABLE=true.')
}
