// One started engine: what it tells, whether we still have patience with it, and how it ended.
import type { Clock } from '../../../inference/clock.ts'
import type { Log } from '../../../observability/log.ts'
import type { EngineLoad } from '../../backend.ts'
import type { EngineConnection, EngineExit, EngineFacts, EngineSettings, FromEngine, StartEngine } from '../protocol.ts'
import { EngineSession } from '../session.ts'
import { EngineWatch, lookEveryMs } from './engine-watch.ts'
import type { Patience } from './engine-watch.ts'

export type EngineRunOptions = {
  backend: string
  model: string
  settings: EngineSettings
  start: StartEngine
  patience: Patience
  clock: Clock
  log: Log
}

/** Why an engine is not there any more, in words that continue a sentence. */
export type EngineEnd = { readonly cause: string, readonly isOutOfMemory: boolean }

export type EngineRunListeners = {
  /** From 0 to 1. */
  readonly onProgress: (progress: number) => void
  readonly onLoaded: (facts: EngineFacts) => void
  /** Called twice a second while it lives and we are patient. */
  readonly onLook: () => void
  /** Called once, however it ended. */
  readonly onEnd: (end: EngineEnd) => void
}

export class EngineRun {
  readonly session: EngineSession
  readonly #options: EngineRunOptions
  readonly #listeners: EngineRunListeners
  readonly #connection: EngineConnection
  readonly #watch: EngineWatch
  readonly #looks: NodeJS.Timeout
  #isLoading = true
  #rssBytes = 0
  #load: EngineLoad | undefined
  /** Why it is being killed, when it is. */
  #verdict: EngineEnd | undefined

  /** Starts an engine and has it load its model. */
  constructor(options: EngineRunOptions, listeners: EngineRunListeners) {
    const { backend, model, settings, start, patience, clock } = options
    this.#options = options
    this.#listeners = listeners
    this.#watch = new EngineWatch(patience, clock)
    this.#looks = setInterval(() => this.#look(), lookEveryMs)
    this.#connection = start()
    this.session = new EngineSession(backend, model, this.#connection)
    this.#connection.onMessage((message) => this.#receive(message))
    this.#connection.onExit((exit) => this.#exited(exit))
    this.#connection.send({ type: 'load', settings })
  }

  get pid(): number | undefined {
    return this.#connection.pid
  }

  get rssBytes(): number {
    return this.#rssBytes
  }

  get load(): EngineLoad | undefined {
    return this.#load
  }

  /** Ends it at once. Resolves when it is gone and its listeners know. */
  async kill(): Promise<void> {
    clearInterval(this.#looks)
    await this.#connection.kill()
  }

  #receive(message: FromEngine): void {
    const { log, model } = this.#options
    switch (message.type) {
      case 'steps': return this.session.receive(message.steps)
      case 'log': return log[message.level]({ engine: model }, message.message)
      case 'load-progress': return this.#listeners.onProgress(message.progress)
      case 'heartbeat':
        this.#rssBytes = message.rssBytes
        this.#load = message.load
        return this.#watch.noteBeat(message)
      case 'load-failed': return this.#condemn(message.isModelSuspect ? `${message.message.replace(/\.$/, '')}; the file may be damaged or made for a newer llama.cpp. Download it again` : message.message, message.isOutOfMemory)
      case 'loaded':
        this.#isLoading = false
        return this.#listeners.onLoaded(message.facts)
    }
  }

  #look(): void {
    const complaint = this.#watch.look(this.#isLoading)
    if (this.#verdict !== undefined) return
    if (complaint === undefined) this.#listeners.onLook()
    else this.#condemn(complaint, false)
  }

  #condemn(cause: string, isOutOfMemory: boolean): void {
    this.#verdict = { cause, isOutOfMemory }
    void this.kill()
  }

  #exited({ how, lastWords }: EngineExit): void {
    clearInterval(this.#looks)
    this.session.died(this.#verdict?.cause ?? `it ${how}`)
    if (lastWords.length > 0) this.#options.log.error({ model: this.#options.model, stderr: lastWords }, 'last words of the engine')
    const itself = this.#isLoading ? `the engine ${how}; the file may be damaged. Download it again` : `it ${how}`
    this.#listeners.onEnd(this.#verdict ?? { cause: itself, isOutOfMemory: false })
  }
}
