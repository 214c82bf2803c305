// Reads the lines of Ollama's /api/pull: many layers, each with its own bytes, and an error with status 200.
import { z } from 'zod'
import { SwitchError } from '../../inference/errors.ts'
import type { PullStatus } from './progress.ts'

const lineSchema = z.looseObject({ status: z.string().optional(), error: z.string().optional(), digest: z.string().optional(), total: z.number().optional(), completed: z.number().optional() })

type Layer = { readonly total: number, readonly completed: number }

export class OllamaProgress {
  readonly #model: string
  readonly #layers = new Map<string, Layer>()
  #wasPresent = true
  #lastStatus = ''

  constructor(model: string) {
    this.#model = model
  }

  /** @throws SwitchError for an error that stands in a line */
  read(text: string): { status: PullStatus, bytes: number, total: number | null } {
    const { status = '', error, digest, total, completed = 0 } = lineSchema.parse(JSON.parse(text))
    if (error !== undefined) throw this.#refused(error)
    this.#lastStatus = status
    if (digest !== undefined && total !== undefined) {
      if (completed < total) this.#wasPresent = false
      this.#layers.set(digest, { total, completed })
    }
    return { status: this.#statusOf(status), bytes: this.#sum('completed'), total: this.#layers.size === 0 ? null : this.#sum('total') }
  }

  /** @throws SwitchError when the last line was not that of a success */
  end(): { bytes: number, wasPresent: boolean } {
    if (this.#lastStatus !== 'success') throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `Ollama stopped before ${this.#model} was whole, at "${this.#lastStatus}". Pull it again and it goes on from there.`)
    return { bytes: this.#sum('total'), wasPresent: this.#wasPresent }
  }

  #statusOf(status: string): PullStatus {
    if (/^(verifying|writing|removing|success)/.test(status)) return 'verifying'
    return this.#layers.size === 0 ? 'resolving' : 'downloading'
  }

  #sum(part: keyof Layer): number {
    return this.#layers.values().reduce((sum, layer) => sum + layer[part], 0)
  }

  #refused(error: string): SwitchError {
    if (/does not exist|not found/i.test(error)) return new SwitchError('SWITCH_DOWNLOAD_NOT_FOUND', `Ollama knows no model ${this.#model} (${error}). Check its name in Ollama's library.`)
    return new SwitchError('SWITCH_DOWNLOAD_FAILED', `Ollama could not pull ${this.#model}: ${error}. Pull it again; what it has stays there.`)
  }
}
