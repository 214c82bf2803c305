// The two forms of an error: ours, and that of OpenAI below /v1.
import { z } from 'zod'
import type { ErrorBody } from '../../http/error-rendering.ts'
import type { OpenAiError } from '../../http/openai-error.ts'
import { errorStatus } from '../../inference/errors.ts'
import type { ErrorCode } from '../../inference/errors.ts'
import { attemptSchema } from './attempt.ts'

const code = z.enum(Object.keys(errorStatus) as ErrorCode[]).meta({ description: 'Never changes once released.' })

export const errorSchema = z.object({
  error: z.string().meta({ description: 'A sentence that says what to do.' }),
  code,
  request_id: z.string(),
  details: z.array(z.object({ path: z.string(), reason: z.string() })).exactOptional().meta({ description: 'What is wrong with which field.' }),
  detail: z.string().exactOptional().meta({ description: 'auth_required with status 401.' }),
  model: z.string().exactOptional().meta({ description: 'That was to answer.' }),
  fallback: z.string().exactOptional().meta({ description: 'What to use instead.' }),
  source: z.enum(['degraded', 'degraded_fallback']).exactOptional().meta({ description: 'degraded_fallback: time ran out.' }),
  attempts: z.array(attemptSchema).exactOptional()
}).meta({ id: 'Error' }) satisfies z.ZodType<ErrorBody>

export const openAiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable().meta({ description: 'The field at fault, for example messages[0].role.' }),
    code: z.string().nullable().meta({ description: 'The word that OpenAI has for it.' }),
    switch_code: code,
    request_id: z.string()
  })
}).meta({ id: 'OpenAIError' }) satisfies z.ZodType<OpenAiError>
