// The tensors of a llama model and how large their weights are, so that activations stay finite.
import type { Shape } from './model-facts.ts'

export type Tensor = {
  readonly name: string
  /** Columns, then rows; a norm has columns only. */
  readonly dimensions: readonly [number] | readonly [number, number]
  /** Standard deviation of its weights. */
  readonly sigma: number
  /** Each row makes the score of one token. */
  readonly isOutput: boolean
  readonly isNorm: boolean
}

const embeddingSigma = 0.02

export function tensorsOf(shape: Shape): Tensor[] {
  const { hidden, vocabulary, layers, isTied } = shape
  const embedding = { ...matrix('token_embd', hidden, vocabulary), sigma: embeddingSigma }
  const ends = isTied
    ? [{ ...embedding, isOutput: true }, norm('output_norm', hidden)]
    : [embedding, norm('output_norm', hidden), { ...matrix('output', hidden, vocabulary), isOutput: true }]
  return [...ends, ...Array.from({ length: layers }, (_, layer) => layerOf(shape, `blk.${layer}`)).flat()]
}

/** What is added to the residual stream is scaled down by the number of additions. */
function layerOf({ hidden, layers, heads, keyHeads, feedForward }: Shape, name: string): Tensor[] {
  const keyWidth = hidden / heads * keyHeads
  const residual = 1 / Math.sqrt(2 * layers)
  return [
    norm(`${name}.attn_norm`, hidden),
    matrix(`${name}.attn_q`, hidden, hidden),
    matrix(`${name}.attn_k`, hidden, keyWidth),
    matrix(`${name}.attn_v`, hidden, keyWidth),
    matrix(`${name}.attn_output`, hidden, hidden, residual),
    norm(`${name}.ffn_norm`, hidden),
    matrix(`${name}.ffn_gate`, hidden, feedForward),
    matrix(`${name}.ffn_up`, hidden, feedForward),
    matrix(`${name}.ffn_down`, feedForward, hidden, residual)
  ]
}

function matrix(name: string, columns: number, rows: number, scale = 1): Tensor {
  return { name: `${name}.weight`, dimensions: [columns, rows], sigma: scale / Math.sqrt(columns), isOutput: false, isNorm: false }
}

function norm(name: string, columns: number): Tensor {
  return { name: `${name}.weight`, dimensions: [columns], sigma: 0, isOutput: false, isNorm: true }
}
