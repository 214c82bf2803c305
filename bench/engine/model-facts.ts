// What a generated model's file says of itself: its dimensions and the tokenizer of switch-tiny.
import { alignment } from './gguf-header.ts'
import type { Fact } from './gguf-header.ts'
import { q8 } from './quantised-rows.ts'
import type { BlockFormat } from './quantised-rows.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Dimensions of a model of the llama architecture. */
export type Shape = {
  readonly name: string
  readonly hidden: number
  readonly layers: number
  readonly heads: number
  readonly keyHeads: number
  readonly feedForward: number
  readonly vocabulary: number
  readonly contextLength: number
  readonly ropeBase: number
  /** The output is the embedding itself. */
  readonly isTied: boolean
  readonly format: BlockFormat
}

const unusedType = 5
const fileTypes = { q8: 7, q4: 2 }

export function modelFacts(shape: Shape, vocabulary: Vocabulary): Record<string, Fact> {
  return {
    'general.architecture': { kind: 'text', value: 'llama' },
    'general.name': { kind: 'text', value: shape.name },
    'general.file_type': { kind: 'integer', value: shape.format === q8 ? fileTypes.q8 : fileTypes.q4 },
    'general.quantization_version': { kind: 'integer', value: 2 },
    'general.alignment': { kind: 'integer', value: alignment },
    'llama.context_length': { kind: 'integer', value: shape.contextLength },
    'llama.embedding_length': { kind: 'integer', value: shape.hidden },
    'llama.block_count': { kind: 'integer', value: shape.layers },
    'llama.feed_forward_length': { kind: 'integer', value: shape.feedForward },
    'llama.attention.head_count': { kind: 'integer', value: shape.heads },
    'llama.attention.head_count_kv': { kind: 'integer', value: shape.keyHeads },
    'llama.attention.layer_norm_rms_epsilon': { kind: 'float', value: 1e-5 },
    'llama.rope.dimension_count': { kind: 'integer', value: shape.hidden / shape.heads },
    'llama.rope.freq_base': { kind: 'float', value: shape.ropeBase },
    'llama.vocab_size': { kind: 'integer', value: shape.vocabulary },
    ...tokenizerFacts(vocabulary, shape.vocabulary)
  }
}

/** Tokens that no text gives fill the vocabulary up to its size. */
function tokenizerFacts({ tokens, types, merges, startId, endId, chatTemplate }: Vocabulary, size: number): Record<string, Fact> {
  const fillers = Array.from({ length: size - tokens.length }, (_, index) => `<filler_${index}>`)
  return {
    'tokenizer.ggml.model': { kind: 'text', value: 'gpt2' },
    'tokenizer.ggml.pre': { kind: 'text', value: 'gpt-2' },
    'tokenizer.ggml.tokens': { kind: 'texts', value: [...tokens, ...fillers] },
    'tokenizer.ggml.token_type': { kind: 'integers', value: [...types, ...fillers.map(() => unusedType)] },
    'tokenizer.ggml.merges': { kind: 'texts', value: merges },
    'tokenizer.ggml.bos_token_id': { kind: 'integer', value: startId },
    'tokenizer.ggml.eos_token_id': { kind: 'integer', value: endId },
    'tokenizer.ggml.padding_token_id': { kind: 'integer', value: startId },
    'tokenizer.ggml.add_bos_token': { kind: 'boolean', value: false },
    'tokenizer.ggml.add_space_prefix': { kind: 'boolean', value: false },
    'tokenizer.chat_template': { kind: 'text', value: chatTemplate }
  }
}
