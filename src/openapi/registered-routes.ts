// The routes of an app as they are registered: what the document is made from, so that none is forgotten.
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { z } from 'zod'

export type RegisteredRoute = {
  /** Method and path as Fastify has them, for example "GET /v1/models/*". */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly isPublic: boolean
  /** Undefined where the route takes none. */
  readonly body: z.ZodType | undefined
  readonly query: z.ZodObject | undefined
}

/** A list that grows with every route registered on `app` from now on. HEAD and OPTIONS, which come by themselves, are left out. */
export function collectRoutes(app: FastifyInstance): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = []
  app.addHook('onRoute', (options) => {
    for (const method of [options.method].flat()) if (method !== 'HEAD' && method !== 'OPTIONS') routes.push(described(method, options))
  })
  return routes
}

function described(method: string, { url, config, schema }: RouteOptions): RegisteredRoute {
  return {
    name: `${method} ${url}`, method, path: url,
    isPublic: config?.isPublic ?? false,
    body: schema?.body as z.ZodType | undefined,
    query: schema?.querystring as z.ZodObject | undefined
  }
}
