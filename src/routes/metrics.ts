// GET /metrics: the metrics in Prometheus' text format, open to every scraper.
import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../observability/metrics/metrics.ts'

export async function metricsRoute(app: FastifyInstance, { metrics }: { metrics: Metrics }): Promise<void> {
  app.get('/metrics', { config: { isPublic: true } }, async (_request, reply) => {
    reply.header('Content-Type', metrics.contentType)
    return metrics.text()
  })
}
