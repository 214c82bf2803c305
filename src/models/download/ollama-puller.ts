// Has Ollama pull a model into its own store, and reads how far it is.
import { request } from 'undici'
import { readLines } from '../../backends/ollama/lines.ts'
import { ollamaServer } from '../../backends/ollama/server.ts'
import { systemClock } from '../../inference/clock.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { Catalogue } from '../catalogue.ts'
import { OllamaProgress } from './ollama-progress.ts'
import { ProgressMeter } from './progress.ts'
import type { PullResult } from './progress.ts'
import type { PullOptions, Puller } from './puller.ts'
import { wordsOf } from './remote.ts'

export type OllamaPullerOptions = {
  readonly catalogue: Catalogue
  /** OLLAMA_BASE_URL. */
  readonly baseUrl: string
}

/** [host/][namespace/]model[:tag], as Ollama takes it. */
const ollamaName = /^\w[\w.-]*(?:\/\w[\w.-]*){0,3}(?::\w[\w.-]*)?$/

export class OllamaPuller implements Puller {
  readonly #catalogue: Catalogue
  readonly #url: string

  constructor({ catalogue, baseUrl }: OllamaPullerOptions) {
    this.#catalogue = catalogue
    this.#url = ollamaServer('hermes', 'auto', baseUrl).url
  }

  keyOf(name: string): string {
    const entry = this.#catalogue.models.find(({ id }) => id === name)
    if (entry !== undefined && entry.ollama === null) throw new SwitchError('SWITCH_MODEL_UNKNOWN', `${name} is not among Ollama's models. Set HERMES_FRAMEWORK=llama-cpp to pull its GGUF file, or name a model as Ollama does, such as hermes3:3b.`)
    const reference = entry?.ollama ?? name
    if (ollamaName.test(reference)) return reference
    throw new SwitchError('SWITCH_MODEL_UNKNOWN', `${JSON.stringify(name)} is no name that Ollama takes. Name an id of the catalogue, a model such as hermes3:3b, or hf.co/OWNER/REPOSITORY:QUANTISATION.`)
  }

  /** Ollama itself finds what is there already, so `force` changes nothing. */
  async pull(name: string, { signal, onProgress }: PullOptions): Promise<PullResult> {
    const reference = this.keyOf(name)
    const meter = new ProgressMeter(name, systemClock, onProgress)
    meter.update('resolving', 0, null)
    const progress = new OllamaProgress(reference)
    try {
      for await (const line of readLines(await this.#ask(reference, signal), () => new Error('a line of its answer is too long'))) {
        const { status, bytes, total } = progress.read(line)
        meter.update(status, bytes, total)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof SwitchError) throw error
      throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `Ollama at ${this.#url} broke off (${wordsOf(error)}). What it has stays there: pull ${name} again and it goes on.`, { cause: error })
    }
    const { bytes, wasPresent } = progress.end()
    meter.update('done', bytes, bytes)
    return { model: name, bytes, sha256: null, was_present: wasPresent }
  }

  /** Leaving the answer early makes Ollama stop; its parts stay. */
  async #ask(model: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    try {
      const { statusCode, body } = await request(`${this.#url}/api/pull`, {
        method: 'POST', signal, headersTimeout: 0, bodyTimeout: 0, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, stream: true })
      })
      if (statusCode === 200) return body
      throw new Error(`status ${statusCode}: ${(await body.text()).slice(0, 300)}`)
    } catch (error) {
      signal.throwIfAborted()
      throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `Ollama at ${this.#url} cannot be asked for ${model} (${wordsOf(error)}). Start it with "ollama serve", or set OLLAMA_BASE_URL to where it runs.`, { cause: error })
    }
  }
}
