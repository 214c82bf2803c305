// The models: what runs, what lies on disk, what can be pulled; and the changes that are asked for here.
import { computed, effect, signal } from '@preact/signals'
import type { AvailableModel } from '../../../routes/models/available-models.ts'
import type { ModelReport } from '../../../routes/models/model-report.ts'
import { call } from './api.ts'
import { service, status } from './connection.ts'
import { token } from './token.ts'

export type ModelList = { models: ModelReport[], available: AvailableModel[], warnings?: string[] }

/** Undefined until the first answer. */
export const modelList = signal<ModelList | undefined>(undefined)
/** Why the list is not there, or what last went wrong with a change. */
export const modelProblem = signal<string | undefined>(undefined)
/** What was done last, for the live region. */
export const modelNews = signal('')
/** Models whose change was asked for here and is not done. */
export const busyModels = signal<ReadonlySet<string>>(new Set())

export const downloads = computed(() => status.value?.downloads ?? [])

/** Catalogue entries that are not on disk. */
export const pullable = computed(() => {
  const available = modelList.value?.available ?? []
  return service.value?.catalogue.filter(({ id, file }) => !available.some((one) => one.name === id || one.file === file)) ?? []
})

/** Changes whenever the list may have. */
const fingerprint = computed(() => JSON.stringify([
  token.value, status.value?.backends.map(({ model, state, memory_usage_mb }) => [model, state, memory_usage_mb === null]), downloads.value.map(({ model }) => model)
]))

/** Reads the list now, and whenever something changed. */
export function keepModelList(): void {
  effect(() => {
    if (fingerprint.value !== '' && status.peek() !== undefined) void refresh()
  })
}

async function refresh(): Promise<void> {
  try {
    modelList.value = await call<ModelList>('switch/models')
  } catch (error) {
    modelProblem.value = (error as Error).message
  }
}

export function loadModel(model: string): Promise<void> {
  return change(model, () => call('switch/models/load', { model }), `${model} is loaded.`)
}

export function unloadModel(model: string, backend: string): Promise<void> {
  return change(model, () => call('switch/models/unload', { backend }), `${model} is unloaded.`)
}

/** Goes on when the page is closed; asking again joins it. */
export function pullModel(model: string): Promise<void> {
  return change(model, () => call('switch/models/pull', { model }), `${model} is pulled.`)
}

async function change(model: string, act: () => Promise<unknown>, news: string): Promise<void> {
  busyModels.value = new Set([...busyModels.value, model])
  modelProblem.value = undefined
  try {
    await act()
    modelNews.value = news
  } catch (error) {
    modelProblem.value = (error as Error).message
  } finally {
    busyModels.value = new Set([...busyModels.value].filter((one) => one !== model))
    void refresh()
  }
}
