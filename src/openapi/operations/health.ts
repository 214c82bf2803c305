// GET /switch/health and GET /health.
import { requestIdHeader, retryAfterHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'
import { aliveSchema, degradedSchema, readySchema } from '../schemas/health.ts'

export const healthOperations: readonly Operation[] = [
  {
    route: 'GET /switch/health', id: 'getReadiness', tag: 'Health', summary: 'Whether the local model can answer now',
    description: 'Makes no call of a backend and costs nothing: it reports what requests and free probes showed.',
    replies: {
      200: jsonReply('It can.', readySchema),
      503: { ...jsonReply('It cannot; `fallback_available` says whether others can.', degradedSchema), headers: { ...requestIdHeader, ...retryAfterHeader } }
    }
  },
  {
    route: 'GET /health', id: 'getLiveness', tag: 'Health', summary: 'Whether the service runs at all',
    replies: { 200: jsonReply('It does.', aliveSchema) }
  }
]
