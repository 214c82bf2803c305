// GET /switch/events: what happens, as Server-Sent Events. GET /switch/requests: the last requests with their receipts.
import type { FastifyInstance } from 'fastify'
import { sendEvents } from '../http/sse.ts'
import { readCatalogue } from '../models/catalogue.ts'
import type { RecentRequests } from '../observability/recent-requests.ts'
import type { ServiceFacts } from './events-contract.ts'
import { EventFeed } from './events-feed.ts'
import type { StatusSources } from './events-status.ts'

export type EventsRouteOptions = Omit<StatusSources, 'traffic'> & {
  requests: RecentRequests
  version: string
  memoryLimitMb: number
}

/** Where the events are; who watches them uses no backend. */
export const eventsPath = '/switch/events'

export async function eventsRoute(app: FastifyInstance, { requests, version, memoryLimitMb, ...sources }: EventsRouteOptions): Promise<void> {
  const feed = new EventFeed({ sources, facts: factsOf(version, memoryLimitMb, sources.defaultTimeoutSeconds), requests })
  app.addHook('preClose', async () => feed.close())

  app.get(eventsPath, async (_request, reply) => sendEvents(reply, feed.open()))

  app.get('/switch/requests', async () => ({ requests: requests.list() }))
}

function factsOf(version: string, memoryLimitMb: number, defaultTimeoutSeconds: number): ServiceFacts {
  const catalogue = readCatalogue().models.map(({ id, title, file, size_bytes, parameters_b, quantisation, licence, is_gated, note, ollama }) => {
    return { id, title, file, size_bytes, parameters_b, quantisation, licence, is_gated, note, ollama }
  })
  return { version, memory_limit_mb: memoryLimitMb, default_timeout_seconds: defaultTimeoutSeconds, catalogue }
}
