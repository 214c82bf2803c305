// The body of POST /api/generate: text that the model goes on from as it is.
import type { InferenceRequest } from '../../inference/request.ts'
import { generationBody } from './generation-body.ts'
import type { Abilities, GenerationBody } from './generation-body.ts'
import type { OllamaSettings } from './settings.ts'

/** `raw`: no template around the prompt. */
export type GenerateBody = GenerationBody & { prompt: string, raw: true }

export function generateBody(prompt: string, request: InferenceRequest, settings: OllamaSettings, abilities: Abilities): GenerateBody {
  return { ...generationBody(request, settings, abilities), prompt, raw: true }
}
