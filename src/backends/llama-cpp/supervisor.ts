// Keeps one engine running: starts it, watches it, restarts it with back-off, and knows its state.
import type { BackendState } from '../backend.ts'
import type { Clock } from '../../inference/clock.ts'
import { BackendError } from '../../inference/failure.ts'
import { DoesNotFit } from '../../models/memory-budget.ts'
import type { Log } from '../../observability/log.ts'
import { backoffMs } from './backoff.ts'
import { EngineWatch, lookEveryMs } from './engine-watch.ts'
import type { Patience } from './engine-watch.ts'
import type { EngineConnection, EngineExit, EngineFacts, EngineSettings, FromEngine, StartEngine } from './protocol.ts'
import { EngineSession } from './session.ts'

export type SupervisorOptions = {
  backend: string
  model: string
  settings: EngineSettings
  start: StartEngine
  /** Looks at the model file before an engine is started for it. @throws Error that says what is wrong */
  checkModel: () => Promise<void>
  /** Gives back the memory that `checkModel` reserved: after a failed start, and at the end. An engine that ran and died keeps it for its next start. */
  releaseMemory?: () => void
  patience: Patience
  clock: Clock
  log: Log
}

/** A longer pause than this is not worth waiting for: requests fail at once. */
const worthWaitingMs = 2000

type Phase =
  | { readonly name: 'loading' }
  | { readonly name: 'ready', readonly facts: EngineFacts, readonly since: number }
  | { readonly name: 'failed', readonly reason: string, readonly isOutOfMemory: boolean, readonly retryAt: number }
  | { readonly name: 'closed' }

/** One engine and what happens to it. */
export class Supervisor {
  readonly #options: SupervisorOptions
  #phase: Phase = { name: 'loading' }
  #connection: EngineConnection | undefined
  #session: EngineSession | undefined
  readonly #watch: EngineWatch
  #looks: NodeJS.Timeout | undefined
  #restart: NodeJS.Timeout | undefined
  #rssBytes = 0
  #failures = 0
  #restarts = 0
  #lastFailure: string | undefined
  /** Why the engine is being killed, when it is. */
  #verdict: { reason: string, isOutOfMemory: boolean } | undefined
  #phaseChanged = Promise.withResolvers<void>()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#watch = new EngineWatch(options.patience, options.clock)
  }

  /** Starts the engine. Returns at once; `state` and `whenReady` tell how it goes. */
  start(): void {
    this.#looks = setInterval(() => this.#look(), lookEveryMs)
    void this.#boot()
  }

  /** Tokens of one slot's context, known once the model is loaded. */
  get facts(): EngineFacts | undefined {
    return this.#phase.name === 'ready' ? this.#phase.facts : undefined
  }

  get pid(): number | undefined {
    return this.#connection?.pid
  }

  state(): BackendState {
    const { model, clock } = this.#options
    const phase = this.#phase
    const restarts = this.#restarts
    switch (phase.name) {
      case 'ready': return { status: 'ready', model, restarts, memoryUsageMb: Math.round(this.#rssBytes / 1e6) }
      case 'loading': return { status: 'loading', model, restarts, reason: `Model ${model} is loading; requests wait for it.${this.#lastFailure ? ` Before: ${this.#lastFailure}` : ''}`, retryAfterSeconds: 1 }
      case 'closed': return { status: 'failed', model, restarts, reason: 'Switch is shutting down.' }
      case 'failed': return { status: 'failed', model, restarts, reason: phase.reason, retryAfterSeconds: Math.max(1, Math.ceil((phase.retryAt - clock.now()) / 1000)) }
    }
  }

  /**
   * The session of the running engine; waits while it loads.
   * @throws BackendError at once when loading failed
   * @throws the reason of `signal`
   */
  async whenReady(signal: AbortSignal): Promise<EngineSession> {
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal.reason)
    aborted.catch(() => undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (this.#phase.name === 'loading') {
        signal.throwIfAborted()
        await Promise.race([this.#phaseChanged.promise, aborted])
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    if (this.#phase.name === 'ready') return this.#session!
    throw this.#unavailable()
  }

  /** Ends the engine and stays ended. */
  async close(): Promise<void> {
    clearInterval(this.#looks)
    clearTimeout(this.#restart)
    this.#enter({ name: 'closed' })
    await this.#connection?.kill()
    this.#options.releaseMemory?.()
  }

  async #boot(): Promise<void> {
    const { settings, start, checkModel, backend } = this.#options
    this.#enter({ name: 'loading' })
    this.#verdict = undefined
    try {
      await checkModel()
    } catch (error) {
      return this.#failed((error as Error).message, false, error instanceof DoesNotFit)
    }
    if (this.#isClosed()) return this.#options.releaseMemory?.()
    this.#watch.restart()
    const connection = start()
    const session = new EngineSession(backend, connection)
    this.#connection = connection
    this.#session = session
    connection.onMessage((message) => this.#receive(message, session))
    connection.onExit((exit) => this.#exited(exit, session))
    connection.send({ type: 'load', settings })
  }

  #receive(message: FromEngine, session: EngineSession): void {
    const { clock, log, model } = this.#options
    switch (message.type) {
      case 'steps': return session.receive(message.steps)
      case 'log': return log[message.level]({ engine: model }, message.message)
      case 'heartbeat':
        this.#rssBytes = message.rssBytes
        return this.#watch.noteBeat(message)
      case 'load-failed':
        this.#verdict = { reason: message.isModelSuspect ? `${message.message.replace(/\.$/, '')}; the file may be damaged or made for a newer llama.cpp. Download it again` : message.message, isOutOfMemory: message.isOutOfMemory }
        return void this.#connection?.kill()
      case 'loaded':
        if (this.#phase.name !== 'loading') return
        this.#enter({ name: 'ready', facts: message.facts, since: clock.now() })
        log.info({ model, ...message.facts, rss_mb: Math.round(this.#rssBytes / 1e6) }, 'model ready')
    }
  }

  /** Kills an engine that has lost our patience. */
  #look(): void {
    const { clock, patience } = this.#options
    const phase = this.#phase
    const complaint = this.#watch.look(phase.name === 'loading')
    if (this.#verdict !== undefined || (phase.name !== 'loading' && phase.name !== 'ready') || this.#connection === undefined) return
    if (complaint !== undefined) this.#condemn(complaint)
    else if (phase.name === 'ready' && clock.now() - phase.since > patience.forgetMs) this.#forget()
  }

  #forget(): void {
    this.#failures = 0
    this.#lastFailure = undefined
  }

  #condemn(reason: string): void {
    this.#verdict = { reason, isOutOfMemory: false }
    void this.#connection?.kill()
  }

  #exited({ how, lastWords }: EngineExit, session: EngineSession): void {
    this.#connection = undefined
    session.died(this.#verdict?.reason ?? `it ${how}`)
    if (this.#isClosed()) return
    const wasReady = this.#phase.name === 'ready'
    if (lastWords.length > 0) this.#options.log.error({ model: this.#options.model, stderr: lastWords }, 'last words of the engine')
    const loadFailure = `the engine ${how}; the file may be damaged. Download it again`
    this.#failed(this.#verdict?.reason ?? (wasReady ? `it ${how}` : loadFailure), wasReady, this.#verdict?.isOutOfMemory ?? false)
  }

  /** Decides when to try again and whether requests wait for that. */
  #failed(cause: string, wasReady: boolean, isOutOfMemory: boolean): void {
    const { clock, log, model, releaseMemory } = this.#options
    if (this.#isClosed()) return
    if (!wasReady) releaseMemory?.()
    this.#failures++
    this.#restarts++
    // A model that cannot be loaded is not tried again at once.
    const pauseMs = backoffMs(wasReady ? this.#failures : this.#failures + 1)
    const reason = describeFailure(model, cause, wasReady, pauseMs, this.#failures)
    this.#lastFailure = reason
    log.error({ model, cause, failures: this.#failures, retry_in_ms: pauseMs }, wasReady ? 'engine died' : 'loading the model failed')
    if (wasReady && pauseMs <= worthWaitingMs) this.#enter({ name: 'loading' })
    else this.#enter({ name: 'failed', reason, isOutOfMemory, retryAt: clock.now() + pauseMs })
    this.#restart = setTimeout(() => void this.#boot(), pauseMs)
  }

  #enter(phase: Phase): void {
    if (this.#isClosed()) return
    this.#phase = phase
    this.#phaseChanged.resolve()
    this.#phaseChanged = Promise.withResolvers()
  }

  #isClosed(): boolean {
    return this.#phase.name === 'closed'
  }

  #unavailable(): BackendError {
    const { reason, retryAfterSeconds } = this.state()
    const isOutOfMemory = this.#phase.name === 'failed' && this.#phase.isOutOfMemory
    return new BackendError(this.#options.backend, isOutOfMemory ? 'out_of_memory' : 'model_unavailable', reason!, { retryAfterSeconds })
  }
}

function describeFailure(model: string, cause: string, wasReady: boolean, pauseMs: number, failures: number): string {
  const what = wasReady ? `The engine of model ${model} died ${failures} times in a row: ${cause}` : `Model ${model} could not be loaded: ${cause}`
  return `${what.replace(/\.$/, '')}. Next try in ${Math.round(Math.max(pauseMs, 1000) / 1000)} s.`
}
