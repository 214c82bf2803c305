// Runs llama.cpp batch by batch: every slot hands over its tokens here and gets what the model says after them.
import type { LlamaContext, Token } from 'node-llama-cpp'
import { keepCheckpoint, nativeContextOf, noteEvaluated, noteForgotten, sequenceIdOf } from '../native.ts'
import type { NativeContext } from '../native.ts'
import type { Slot, Slots } from '../slots.ts'
import type { BatchScheduler, Portion, Work } from './batching.ts'
import { createTurns } from './turns.ts'

/**
 * Turns of the microtask queue that a batch waits for a straggler before it goes without it, and for the slots whose
 * sequences were changed just before, which hand over their prompts now.
 */
const turns = { patience: 64, afterChange: 32 }

/** Says what is evaluated after the tokens that were drawn; undefined: nothing more. */
type GoOn = (said: readonly Token[]) => readonly Token[] | undefined

type QueuedWork = Work & {
  /** How many of the last tokens are followed by a sample. */
  readonly samples: number
  said: Token[]
  readonly goOn: GoOn
  readonly settle: (error?: unknown) => void
}

/** Where the logits of a token are, and for whom. */
type Output = { readonly work: QueuedWork, readonly logits: number }

export type BatcherOptions = {
  context: LlamaContext
  slots: Slots
  scheduler: BatchScheduler
}

/** The one way into llama.cpp's context. One batch or one change of a sequence at a time. */
export class Batcher {
  /** Called after each batch while what follows it is being drawn: what is done then disturbs none and delays none. */
  whileDrawing: () => void = () => undefined
  /** Called before the next batch begins. */
  betweenBatches: () => void = () => undefined
  readonly #native: NativeContext
  readonly #size: number
  readonly #slots: Slots
  readonly #needsCheckpoints: boolean
  readonly #scheduler: BatchScheduler
  /** With one thread libuv keeps the order, and samples need not wait for a turn of the event loop. */
  readonly #isInOrder = process.env['UV_THREADPOOL_SIZE'] === '1'
  readonly #takeTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly #queue: QueuedWork[] = []
  readonly #changes: (() => Promise<void>)[] = []
  #running: Promise<void> | undefined
  #isClosed = false

  constructor({ context, slots, scheduler }: BatcherOptions) {
    this.#native = nativeContextOf(context)
    this.#size = context.batchSize
    this.#slots = slots
    this.#needsCheckpoints = slots.all[0]!.sequence.needsCheckpoints
    this.#scheduler = scheduler
    this.#takeTurn = createTurns(context.model.llama.gpu)
  }

  /** How many tokens of a long prompt are worth handing over at once now. */
  get promptChunk(): number {
    return this.#scheduler.promptChunk
  }

  /** Milliseconds that a token of a prompt takes when nothing else is done; undefined: none was evaluated yet. */
  get promptTokenMs(): number | undefined {
    return this.#scheduler.promptTokenMs
  }

  /** Evaluates tokens after those that the slot holds. A slot hands over one thing at a time. */
  evaluate(slot: Slot, tokens: readonly Token[]): Promise<void> {
    return this.#add({ slot, tokens, samples: 0, goOn: () => undefined })
  }

  /**
   * The same, and draws what follows the last of them, with the slot's sampler; then goes on with what `next` says after
   * each token, until it says nothing. It is asked between two batches, so nothing is waited for from token to token. What
   * it throws ends the decoding of its slot.
   */
  decode(slot: Slot, first: readonly Token[], next: (token: Token) => readonly Token[] | undefined): Promise<void> {
    const goOn = ([token]: readonly Token[]) => {
      slot.phase = 'decoding'
      return next(token!)
    }
    return this.#add({ slot, tokens: first, samples: 1, goOn })
  }

  /** The same once, with a token drawn after each. */
  async sampleEach(slot: Slot, tokens: readonly Token[]): Promise<readonly Token[]> {
    let drawn: readonly Token[] = []
    const goOn = (said: readonly Token[]) => {
      drawn = said
      return undefined
    }
    await this.#add({ slot, tokens, samples: tokens.length, goOn })
    return drawn
  }

  /** Runs `change`, which does something to sequences and evaluates nothing here, while no batch runs. */
  change<T>(change: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#changes.push(() => change().then(resolve, reject))
    this.#start()
    return promise
  }

  /** Resolves when no batch runs, and lets none begin. What waits fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { settle } of this.#queue.splice(0)) settle(new Error('The engine is being closed'))
    await this.#running
  }

  #add(work: Omit<QueuedWork, 'said' | 'settle'>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#isClosed) reject(new Error('The engine is being closed'))
    else this.#queue.push({ ...work, said: [], settle: (error) => error === undefined ? resolve() : reject(error) })
    this.#start()
    return promise
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    let leastTurns = 0
    while (this.#changes.length > 0 || this.#queue.length > 0) {
      const change = this.#changes.shift()
      if (change) {
        await change()
        leastTurns = turns.afterChange
      } else {
        await this.#stragglers(leastTurns)
        leastTurns = 0
        if (this.#queue.length > 0) await this.#takeTurn(() => this.#batch())
        this.betweenBatches()
      }
    }
    this.#running = undefined
  }

  /** Those who got a token hand it over again within a few turns; without them every batch would lack a slot. */
  async #stragglers(leastTurns: number): Promise<void> {
    for (let turn = 0; turn < leastTurns || turn < turns.patience && this.#queue.length < this.#slots.evaluating; turn++) await Promise.resolve()
  }

  async #batch(): Promise<void> {
    const portions = this.#scheduler.compose(this.#queue, this.#size)
    try {
      const outputs = this.#fill(portions)
      const samples = await this.#decode(outputs, () => {
        this.#scheduler.noteDone()
        for (const { work, tokens } of portions) noteEvaluated(work.slot.sequence, tokens)
        this.whileDrawing()
      })
      if (this.#needsCheckpoints) for (const { work } of portions) await keepCheckpoint(work.slot.sequence)
      for (const [index, { work }] of outputs.entries()) this.#note(work, samples[index]!)
      for (const portion of portions) this.#advance(portion)
    } catch (error) {
      for (const { work } of portions) this.#fail(work, error)
    }
  }

  #fill(portions: readonly Portion<QueuedWork>[]): Output[] {
    const outputs: Output[] = []
    this.#native.initBatch(portions.reduce((sum, { tokens }) => sum + tokens.length, 0))
    for (const { work, tokens } of portions) {
      const { sequence } = work.slot
      const from = Math.max(0, work.tokens.length - work.samples)
      const wanted = Uint32Array.from({ length: Math.max(0, tokens.length - from) }, (_, index) => from + index)
      const found = this.#native.addToBatch(sequenceIdOf(sequence), sequence.nextTokenIndex, Uint32Array.from(tokens), wanted)
      for (const logits of found) outputs.push({ work, logits })
    }
    return outputs
  }

  /**
   * @param onDecoded called before anything drawn is waited for
   * @returns what follows each output, or why nothing could be drawn there, which concerns its slot alone
   */
  async #decode(outputs: readonly Output[], onDecoded: () => void): Promise<(number | Error)[]> {
    const decoded = this.#native.decodeBatch()
    // On several threads, two draws with one sampler would be wrong: then each waits for the one before.
    const draws = this.#isInOrder ? outputs.map((output) => this.#draw(output)) : []
    await decoded
    onDecoded()
    const said: (number | Error)[] = []
    for (const [index, output] of outputs.entries()) said.push(await (draws[index] ?? this.#draw(output)))
    return said
  }

  #draw({ work, logits }: Output): Promise<number | Error> {
    return this.#native.sampleToken(logits, work.slot.sampler.native).catch((error: Error) => error)
  }

  #note(work: QueuedWork, sample: number | Error): void {
    if (sample instanceof Error) this.#fail(work, sample)
    else if (sample === -1) this.#fail(work, new Error('llama.cpp found no next token'))
    else work.said.push(sample as Token)
  }

  #advance({ work, tokens }: Portion<QueuedWork>): void {
    if (!this.#queue.includes(work)) return
    if (work.tokens.length > tokens.length) work.tokens = work.tokens.slice(tokens.length)
    else this.#goOn(work)
  }

  #goOn(work: QueuedWork): void {
    try {
      const next = work.goOn(work.said)
      if (next !== undefined) {
        work.tokens = next
        work.said = []
        return
      }
      work.settle()
    } catch (error) {
      work.settle(error)
    }
    this.#remove(work)
  }

  /** Nobody knows what llama.cpp holds of the sequence now. */
  #fail(work: QueuedWork, error: unknown): void {
    this.#remove(work)
    this.#native.disposeSequence(sequenceIdOf(work.slot.sequence))
    noteForgotten(work.slot.sequence)
    work.settle(error)
  }

  #remove(work: QueuedWork): void {
    const index = this.#queue.indexOf(work)
    if (index !== -1) this.#queue.splice(index, 1)
  }
}
