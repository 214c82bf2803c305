// Headers of requests and replies, as the document describes them.
import type { ZodOpenApiParameterObject, ZodOpenApiResponseObject } from 'zod-openapi'

type Headers = NonNullable<ZodOpenApiResponseObject['headers']>

export const requestIdHeader: Headers = {
  'X-Request-Id': { description: 'Of this request, in the log too. The caller\'s own X-Correlation-Id or X-Request-Id, where it sent one.', schema: { type: 'string' } }
}

export const retryAfterHeader: Headers = {
  'Retry-After': { description: 'Seconds after which to try again; absent when that is not known.', schema: { type: 'integer', minimum: 1 } }
}

/** The receipt, as far as it is known when the headers leave. */
export const receiptHeaders: Headers = {
  ...requestIdHeader,
  'X-Switch-Inference-Id': { description: 'Of this inference.', schema: { type: 'string' } },
  'X-Switch-Attempts': { description: 'Backend, outcome and reason of each attempt, for example `openai;failed;server_error, hermes;success`.', schema: { type: 'string' } },
  'X-Switch-Backend': { description: 'Who answers.', schema: { type: 'string' } },
  'X-Switch-Model': { description: 'What really answers.', schema: { type: 'string' } },
  'X-Switch-Degraded': { description: 'True when it is not the first backend that was tried.', schema: { type: 'string', enum: ['true', 'false'] } }
}

/** How a request to /v1 is handled: the bodies of OpenAI have no fields for it. */
export const handlingHeaders: readonly ZodOpenApiParameterObject[] = [
  { in: 'header', name: 'X-Switch-Timeout', description: 'Seconds that the whole request may take. Without it HERMES_TIMEOUT counts, or X-Stainless-Timeout where that is shorter.', schema: { type: 'number', minimum: 0.1, maximum: 3600 } },
  { in: 'header', name: 'X-Switch-Priority', description: 'Who goes first when callers wait: 0 to 9, lower first, or the name of a VX11 service.', schema: { type: 'string', default: '4' } }
]
