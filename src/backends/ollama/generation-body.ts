// What requests for an answer have in common, with a chat template or without.
import type { InferenceRequest, ReasoningEffort, ResponseFormat } from '../../inference/request.ts'
import { commonBody } from './settings.ts'
import type { CommonBody, OllamaSettings } from './settings.ts'

type GenerationOptions = {
  num_ctx: number, num_predict?: number, temperature?: number, top_p?: number, seed?: number, stop?: readonly string[]
  frequency_penalty?: number, presence_penalty?: number
}

export type Think = boolean | 'low' | 'medium' | 'high' | 'max'

export type GenerationBody = CommonBody & {
  stream: boolean
  think?: Think
  options: GenerationOptions
  format?: 'json' | Record<string, unknown>
  logprobs?: boolean
  top_logprobs?: number
}

/** What the model is known to do, by Ollama's own words; undefined: not known yet. */
export type Abilities = ReadonlySet<string> | undefined

/** A smaller context length of the request is not sent: it would reload the model. */
export function generationBody(request: InferenceRequest, settings: OllamaSettings, abilities: Abilities): GenerationBody {
  const { responseFormat, logprobs } = request
  return {
    ...commonBody(settings),
    stream: true,
    think: thinkOf(request, abilities),
    options: generationOptions(request, settings),
    ...(responseFormat && { format: formatOf(responseFormat) }),
    ...(logprobs !== undefined && { logprobs: true, top_logprobs: logprobs })
  }
}

function generationOptions(request: InferenceRequest, settings: OllamaSettings): GenerationOptions {
  const { topP, seed, stop, frequencyPenalty, presencePenalty } = request
  return {
    num_ctx: settings.contextLength,
    // 0 would mean without bound.
    num_predict: Math.max(1, Math.min(request.maxTokens ?? settings.maxTokens, settings.maxTokens)),
    temperature: request.temperature ?? settings.temperature,
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty })
  }
}

function formatOf(format: ResponseFormat): 'json' | Record<string, unknown> {
  return format.type === 'json_schema' && format.json_schema.schema !== undefined ? format.json_schema.schema : 'json'
}

const levels: Record<ReasoningEffort, Think> = { none: false, minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'max', max: 'max' }

/** An effort alone is a wish: a model that is not known to think is not asked to, as Ollama would refuse the request. */
function thinkOf({ thinking, reasoningEffort }: InferenceRequest, abilities: Abilities): Think {
  if (thinking === false || reasoningEffort === undefined) return thinking ?? false
  return thinking || abilities?.has('thinking') ? levels[reasoningEffort] : false
}
