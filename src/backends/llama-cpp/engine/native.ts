// What Switch uses of node-llama-cpp 3.22 that the library keeps to itself: its bindings to llama.cpp. Its own way from
// token to token costs half a millisecond of JavaScript each, while llama.cpp's threads stand still or are disturbed.
/* oxlint-disable no-underscore-dangle -- the library names them so */
import type { LlamaContext, LlamaContextSequence, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp'

/** llama.cpp's context. One call at a time, but for `sampleToken` while the logits of the latest batch stay as they are. */
export type NativeContext = {
  /** Begins a batch of at most so many tokens; the one before is forgotten. */
  initBatch(tokens: number): void
  /**
   * @param firstPosition of the first token in the sequence
   * @param outputs ascending positions within `tokens` whose logits are wanted
   * @returns where each of those logits is found after the batch
   */
  addToBatch(sequenceId: number, firstPosition: number, tokens: Uint32Array, outputs: Uint32Array): Uint32Array
  decodeBatch(): Promise<void>
  /** -1: nothing can be sampled. */
  sampleToken(logits: number, sampler: NativeSampler): Promise<number>
  /** Forgets what the sequence holds. */
  disposeSequence(sequenceId: number): void
  setThreads(threads: number): void
}

/** A chain of samplers. What `applyConfig` is not given is as if it had never been. */
export type NativeSampler = { applyConfig(config: object): void }

type Internals = {
  readonly context: { readonly _ctx: NativeContext }
  readonly model: { readonly _model: object, readonly llama: { readonly _bindings: { readonly AddonSampler: new (model: object) => NativeSampler } } }
  readonly sequence: {
    readonly _sequenceId: number
    _contextTokens: Token[]
    _nextTokenIndex: number
    _resolveSamplerConfig(options: SequenceEvaluateOptions): object
    _takeIntervalCheckpointIfNeeded(): Promise<void> | undefined
  }
}

export function nativeContextOf(context: LlamaContext): NativeContext {
  return internals<'context'>(context)._ctx
}

export function createNativeSampler(model: LlamaModel): NativeSampler {
  const { _model, llama } = internals<'model'>(model)
  return new llama._bindings.AddonSampler(_model)
}

/** Options of the library in the form that its samplers take. */
export function samplerConfigOf(sequence: LlamaContextSequence, options: SequenceEvaluateOptions): object {
  return internals<'sequence'>(sequence)._resolveSamplerConfig(options)
}

export function sequenceIdOf(sequence: LlamaContextSequence): number {
  return internals<'sequence'>(sequence)._sequenceId
}

/** Tells the sequence that llama.cpp holds these tokens more of it. */
export function noteEvaluated(sequence: LlamaContextSequence, tokens: readonly Token[]): void {
  const inner = internals<'sequence'>(sequence)
  inner._contextTokens.push(...tokens)
  inner._nextTokenIndex += tokens.length
}

/** Keeps a checkpoint if one is due; for sequences that need some. */
export async function keepCheckpoint(sequence: LlamaContextSequence): Promise<void> {
  await internals<'sequence'>(sequence)._takeIntervalCheckpointIfNeeded()
}

/** Tells the sequence that llama.cpp holds nothing of it. */
export function noteForgotten(sequence: LlamaContextSequence): void {
  Object.assign(internals<'sequence'>(sequence), { _contextTokens: [], _nextTokenIndex: 0 })
}

/** The package's version is pinned, and the tests of the engine fail where another one differs. */
function internals<Name extends keyof Internals>(object: object): Internals[Name] {
  return object as unknown as Internals[Name]
}
