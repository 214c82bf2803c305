// Pulls GGUF files from Hugging Face, a mirror of it, or any address, into the model folder.
import { stat } from 'node:fs/promises'
import { SwitchError } from '../../inference/errors.ts'
import { embeddedModelPath } from '../catalogue.ts'
import type { Catalogue } from '../catalogue.ts'
import { sha256OfFile } from './checksum.ts'
import { downloadModel } from './download.ts'
import type { DownloadOptions } from './download.ts'
import { readReference } from './model-reference.ts'
import type { ModelReference } from './model-reference.ts'
import type { PullResult } from './progress.ts'
import type { PullOptions, Puller } from './puller.ts'
import { findQuantisation } from './quantisation.ts'
import { Remote } from './remote.ts'
import { RetryLater, retrying, sayRetry } from './retry-later.ts'
import { sourceInRepository, sourceOfEntry } from './source.ts'
import type { DownloadSource } from './source.ts'

export type HubPullerOptions = Pick<DownloadOptions, 'folder' | 'log' | 'retry' | 'split' | 'freeBytes'> & {
  readonly catalogue: Catalogue
  /** HF_ENDPOINT. */
  readonly endpoint: URL
  /** HF_TOKEN. */
  readonly token: string | undefined
}

export class HubPuller implements Puller {
  readonly #options: HubPullerOptions

  constructor(options: HubPullerOptions) {
    this.#options = options
  }

  keyOf(name: string): string {
    const reference = this.#read(name)
    switch (reference.kind) {
      case 'embedded': return 'embedded'
      case 'entry': return `${reference.entry.repo}:${reference.entry.file}`
      case 'file': return `${reference.repo}:${reference.path}`
      case 'quantisation': return `${reference.repo}:${reference.quantisation}`
      case 'address': return reference.url.href
    }
  }

  async pull(name: string, { force, signal, onProgress }: PullOptions): Promise<PullResult> {
    const reference = this.#read(name)
    if (reference.kind === 'embedded') return this.#embedded(signal)
    const { endpoint, token, folder, log, retry, split, freeBytes } = this.#options
    const remote = new Remote({ endpoint, token })
    try {
      const source = await this.#sourceOf(reference, remote, signal)
      return await downloadModel({ source, folder, remote, force, signal, onProgress, log, retry, split, freeBytes })
    } finally {
      await remote.close()
    }
  }

  #read(name: string): ModelReference {
    return readReference(name, this.#options.catalogue, this.#options.endpoint)
  }

  /** It ships with Switch. */
  async #embedded(signal: AbortSignal): Promise<PullResult> {
    const { catalogue } = this.#options
    const path = embeddedModelPath(catalogue)
    const [{ size: bytes }, sha256] = await Promise.all([stat(path), sha256OfFile(path, signal)])
    return { model: catalogue.embedded.id, path, bytes, sha256, was_present: true }
  }

  async #sourceOf(reference: Exclude<ModelReference, { kind: 'embedded' }>, remote: Remote, signal: AbortSignal): Promise<DownloadSource> {
    const { endpoint } = remote
    switch (reference.kind) {
      case 'entry': return sourceOfEntry(reference.entry, endpoint)
      case 'file': return sourceInRepository(reference, endpoint)
      case 'quantisation': return this.#find(reference, remote, signal)
      case 'address': return { model: reference.file, url: reference.url, file: reference.file, sha256: undefined, bytes: undefined, isCatalogued: false, page: reference.url.origin }
    }
  }

  async #find(wanted: { readonly repo: string, readonly quantisation: string }, remote: Remote, signal: AbortSignal): Promise<DownloadSource> {
    const { log, retry } = this.#options
    const model = `${wanted.repo}:${wanted.quantisation}`
    try {
      return await retrying(() => findQuantisation(wanted, remote, signal), { ...retry, signal, onRetry: sayRetry(model, log) })
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof RetryLater)) throw error
      throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `${model} could not be looked up: ${error.message}. Try again later, or set HF_ENDPOINT to a mirror that can be reached.`, { cause: error })
    }
  }
}
