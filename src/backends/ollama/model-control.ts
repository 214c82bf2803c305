// Loads and unloads the model in Ollama at the operator's word.
import type { ModelControl, ModelDetails } from '../backend.ts'
import { ModelChangeError } from '../model-change-error.ts'
import { BackendError } from '../../inference/failure.ts'
import { isSameModel } from './model-name.ts'
import type { ModelWatch } from './model-watch.ts'
import type { OllamaSettings } from './settings.ts'

export class OllamaModelControl implements ModelControl {
  readonly #backend: string
  readonly #settings: OllamaSettings
  readonly #watch: ModelWatch

  constructor(backend: string, settings: OllamaSettings, watch: ModelWatch) {
    this.#backend = backend
    this.#settings = settings
    this.#watch = watch
  }

  details(): ModelDetails {
    return { keepAliveSeconds: this.#settings.keepAliveSeconds, sizeBytes: this.#watch.sizeBytes }
  }

  /** Ollama lets requests for two models wait for each other by itself; another model here is another backend. */
  async load(model = this.#settings.model): Promise<void> {
    if (!isSameModel(model, this.#settings.model)) throw new ModelChangeError('unsupported', `${this.#backend} runs ${this.#settings.model} in Ollama. To run ${model}, set it as HERMES_MODEL_NAME, or as the model of a backend in the YAML file, and start or reload Switch.`)
    await orChangeError(() => this.#watch.load())
  }

  async unload(): Promise<number | undefined> {
    return orChangeError(() => this.#watch.unload())
  }
}

async function orChangeError<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof BackendError ? new ModelChangeError('failed', error.message, error) : error
  }
}
