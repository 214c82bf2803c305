// GET /openapi.json: the document, built when it is first asked for.
import type { FastifyInstance } from 'fastify'
import type { RegisteredRoute } from './registered-routes.ts'

export type DocumentRouteOptions = { routes: readonly RegisteredRoute[], version: string }

export async function documentRoute(app: FastifyInstance, { routes, version }: DocumentRouteOptions): Promise<void> {
  let document: Promise<string> | undefined
  app.get('/openapi.json', { config: { isPublic: true } }, async (_request, reply) => {
    reply.header('Content-Type', 'application/json; charset=utf-8')
    return document ??= writeDocument(routes, version)
  })
}

/** What it takes is loaded here: few who start the service read its document. */
async function writeDocument(routes: readonly RegisteredRoute[], version: string): Promise<string> {
  const { buildDocument } = await import('./document.ts')
  return JSON.stringify(buildDocument(routes, version))
}
