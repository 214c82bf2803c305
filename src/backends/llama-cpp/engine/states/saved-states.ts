// The store of prompt states on disk: a conversation or a shared system prompt survives a restart, or the loss of its slot.
import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import type { EngineLog } from '../load.ts'
import { createState, loadState, memoryPerToken, readState } from './state-file.ts'
import type { SavedState } from './state-file.ts'
import { StateFolder } from './state-folder.ts'
import { StateIndex } from './state-index.ts'
import type { Match } from './state-index.ts'

export type SavedStatesOptions = {
  /** The folder of the states of all models. It is made where it is missing. */
  readonly folder: string
  /** Everything that a state depends on: model file, version of llama.cpp, context length, type of the KV cache and so on. */
  readonly modelKey: string
  /** Whether a state also serves prompts that begin like it and go on otherwise; not so where sequences need checkpoints. */
  readonly isCuttable: boolean
  /** Bound of the whole folder, over all models. */
  readonly maxBytes: number
  readonly log: EngineLog
  /** Bytes that the disk has left. Default: what the system says. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** The states of one model. No method throws: a prompt without a saved state is evaluated, which is only slower. */
export class SavedStates {
  readonly #folder: StateFolder | undefined
  readonly #modelKey: string
  readonly #log: EngineLog
  readonly #index: StateIndex
  /** One save after the other: two at once could not know of each other's room. */
  #saving: Promise<void> = Promise.resolve()

  private constructor(folder: StateFolder | undefined, { modelKey, isCuttable, log }: SavedStatesOptions) {
    this.#folder = folder
    this.#modelKey = modelKey
    this.#index = new StateIndex(isCuttable)
    this.#log = log
  }

  /** Finds what earlier processes saved. With a folder that cannot be used it warns once, and saves and finds nothing. */
  static async open(options: SavedStatesOptions): Promise<SavedStates> {
    const { folder: path, maxBytes, freeBytes, modelKey, log } = options
    try {
      const folder = await StateFolder.open({ path, maxBytes, ...(freeBytes && { freeBytes }) })
      await folder.makeRoom(0)
      const store = new SavedStates(folder, options)
      for (const found of await folder.pathsOf(modelKey)) await store.#add(found)
      return store
    } catch (error) {
      log('warn', `Prompt states are not saved: ${reasonOf(error)}. Make the folder ${path} writable or set another SWITCH_CACHE_DIR.`)
      return new SavedStates(undefined, options)
    }
  }

  /** The state with the longest common beginning with `tokens`; undefined when none has even the first of them. */
  longest(tokens: readonly Token[]): Match | undefined {
    return this.#index.longest(tokens)
  }

  /**
   * Loads a state into the sequence, which must be idle. False when it is gone, damaged or refused: then the store
   * forgets it, and the sequence holds what it held before, or nothing.
   */
  async restore(state: SavedState, sequence: LlamaContextSequence): Promise<boolean> {
    try {
      await loadState(state, sequence)
    } catch (error) {
      // The end of the engine says nothing about the state.
      if (!sequence.disposed) await this.#refuse(state.path, error)
      return false
    }
    await this.#touch(state.path)
    return true
  }

  /**
   * Saves what the sequence holds, unless a saved state covers it; the states that it continues go, but for shared ones.
   * Nothing else may use the sequence until the promise settles.
   * @param options.isShared the tokens are the beginning of many conversations, as a system prompt is
   */
  save(sequence: LlamaContextSequence, { isShared = false }: { isShared?: boolean } = {}): Promise<void> {
    const folder = this.#folder
    if (folder === undefined) return Promise.resolve()
    this.#saving = this.#saving.then(() => this.#save(folder, sequence, isShared)).catch((error: unknown) => {
      // The end of the engine says nothing about the store.
      if (!sequence.disposed) this.#log('warn', `A prompt state could not be saved: ${reasonOf(error)}.`)
    })
    return this.#saving
  }

  async #save(folder: StateFolder, sequence: LlamaContextSequence, isShared: boolean): Promise<void> {
    const tokens = sequence.contextTokens
    if (tokens.length === 0 || await this.#isCovered(tokens, isShared)) return
    const continued = new Set(this.#index.continuedBy(tokens).filter((state) => !state.isShared).map(({ path }) => path))
    const bytes = Math.ceil(tokens.length * Math.min(this.#index.bytesPerToken, memoryPerToken(sequence)))
    if (!await this.#makeRoom(folder, bytes, continued)) return this.#log('debug', `There is no room for a prompt state of about ${bytes} bytes.`)
    this.#index.add(await createState(folder.newPaths(this.#modelKey), sequence, { modelKey: this.#modelKey, isShared, tokens: Uint32Array.from(tokens) }))
    for (const path of continued) await this.#remove(path)
    await this.#makeRoom(folder, 0)
  }

  /** Whether a state is there that serves as well; it counts as used now. One that is not shared goes with its conversation. */
  async #isCovered(tokens: readonly Token[], isShared: boolean): Promise<boolean> {
    for (const state of this.#index.covering(tokens)) {
      if ((state.isShared || !isShared) && await this.#touch(state.path)) return true
    }
    return false
  }

  async #makeRoom(folder: StateFolder, bytes: number, dispensable?: ReadonlySet<string>): Promise<boolean> {
    const { hasRoom, removed } = await folder.makeRoom(bytes, dispensable)
    for (const path of removed) this.#index.delete(path)
    return hasRoom
  }

  async #add(path: string): Promise<void> {
    try {
      this.#index.add(await readState(path, this.#modelKey))
    } catch (error) {
      await this.#refuse(path, error)
    }
  }

  async #touch(path: string): Promise<boolean> {
    const isThere = await this.#folder?.touch(path) ?? false
    if (!isThere) this.#index.delete(path)
    return isThere
  }

  async #refuse(path: string, error: unknown): Promise<void> {
    this.#index.delete(path)
    if (codeOf(error) === 'ENOENT') return
    this.#log('warn', `The saved prompt state ${path} is not used: ${reasonOf(error)}.`)
    // A file that the system cannot read now may be whole.
    if (codeOf(error) === undefined) await this.#remove(path)
  }

  async #remove(path: string): Promise<void> {
    this.#index.delete(path)
    await this.#folder?.remove(path).catch((error: unknown) => this.#log('warn', `The saved prompt state ${path} could not be removed: ${reasonOf(error)}.`))
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
