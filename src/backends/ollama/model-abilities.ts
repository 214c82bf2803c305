// What the model can do in Ollama's own words: completion, tools, vision, thinking and more.
import type { OllamaApi } from './api.ts'
import { findAbilities } from './listing.ts'

/** Longest wait for the answer. */
const askMs = 5000

/** Asked once for each time that the model comes: a pull may bring another one of its name. */
export class ModelAbilities {
  readonly #api: OllamaApi
  #known: ReadonlySet<string> | undefined

  constructor(api: OllamaApi) {
    this.#api = api
  }

  /** Undefined: not known yet. */
  get known(): ReadonlySet<string> | undefined {
    return this.#known
  }

  /** Never rejects: an Ollama that does not tell, or not now, can answer all the same. */
  async learn(): Promise<void> {
    this.#known ??= await findAbilities(this.#api, AbortSignal.timeout(askMs)).catch(() => undefined)
  }

  /** The model is gone. */
  forget(): void {
    this.#known = undefined
  }
}
