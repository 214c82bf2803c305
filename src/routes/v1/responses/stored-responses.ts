// GET and DELETE /v1/responses/{id}, and the items that its request added.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { SwitchError } from '../../../inference/errors.ts'
import { itemPage } from './item-page.ts'
import type { ResponseStore, StoredResponse } from './response-store.ts'

const limitRule = 'must be a whole number from 1 to 100'

const pageSchema = z.object({
  after: z.string().optional(),
  limit: z.coerce.number(limitRule).int(limitRule).min(1, limitRule).max(100, limitRule).default(20),
  order: z.enum(['asc', 'desc'], 'must be asc or desc').default('desc')
})

const retrieveSchema = z.object({ stream: z.literal('false', 'must be false: the events of an answer are sent once, while it is made').optional() })

type ById = { Params: { id: string } }

export async function storedResponsesRoute(app: FastifyInstance, { store }: { store: ResponseStore }): Promise<void> {
  ignoreBodies(app)
  app.get<ById>('/v1/responses/:id', { schema: { querystring: retrieveSchema } }, async ({ params: { id } }) => found(store, id).response)
  app.delete<ById>('/v1/responses/:id', async ({ params: { id } }) => {
    if (!store.delete(id)) throw notFound(id)
    return { id, object: 'response', deleted: true }
  })
  app.get<ById & { Querystring: z.output<typeof pageSchema> }>('/v1/responses/:id/input_items', { schema: { querystring: pageSchema } }, async ({ params: { id }, query }) => itemPage(found(store, id).input, query))
}

/** The Python client says that its DELETE is JSON, and sends none. */
function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume()
    done(null)
  })
}

function found(store: ResponseStore, id: string): StoredResponse {
  const stored = store.get(id)
  if (stored === undefined) throw notFound(id)
  return stored
}

function notFound(id: string): SwitchError {
  const reason = `There is no answer ${JSON.stringify(id)}: it was never kept, it was deleted, or newer ones took its place.`
  return new SwitchError('SWITCH_RESPONSE_NOT_FOUND', reason, { body: { details: [{ path: 'id', reason }] } })
}
