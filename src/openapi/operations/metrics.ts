// GET /metrics.
import { requestIdHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'

export const metricsOperation: Operation = {
  route: 'GET /metrics', id: 'getMetrics', tag: 'Health', summary: 'The metrics in the text format of Prometheus',
  replies: { 200: { description: 'The metrics.', headers: requestIdHeader, content: { 'text/plain': { schema: { type: 'string' } } } } }
}
