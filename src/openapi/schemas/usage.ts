// Token counts as replies carry them.
import { z } from 'zod'
import type { Usage } from '../../inference/request.ts'

export const count = z.int().min(0)
const cached = z.object({ cached_tokens: count.meta({ description: 'Tokens of the prompt that needed no evaluation.' }) })
const reasoning = z.object({ reasoning_tokens: count.meta({ description: 'Tokens of the answer that were thoughts.' }) })
const counts = { prompt_tokens: count, completion_tokens: count, total_tokens: count }

/** Details are absent where the backend does not tell. */
export const usageSchema = z.object({ ...counts, prompt_tokens_details: cached.exactOptional(), completion_tokens_details: reasoning.exactOptional() })
  .meta({ id: 'Usage', description: 'Token counts as the answering backend counts them.' }) satisfies z.ZodType<Usage>

/** As OpenAI has it: what is not known is 0. */
export const wholeUsageSchema = z.object({ ...counts, prompt_tokens_details: cached, completion_tokens_details: reasoning })
  .meta({ id: 'WholeUsage', description: 'Token counts; what a backend does not tell is 0.' }) satisfies z.ZodType<Required<Usage>>
