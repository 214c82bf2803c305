// GET /v1/models: every name that `model` may have, in OpenAI's form.
import type { FastifyInstance } from 'fastify'
import { selectTargets, selectableNames } from '../../inference/route.ts'
import type { Routes } from '../../inference/route.ts'
import type { GatedBackend } from '../../inference/target.ts'

export type ModelsRouteOptions = {
  /** Asked anew for each request: a reload exchanges its backends. */
  registry: { readonly routes: Routes, readonly backends: readonly GatedBackend[] }
}

export async function modelsRoute(app: FastifyInstance, { registry }: ModelsRouteOptions): Promise<void> {
  // OpenAI tells when a model was made; a route begins with the service.
  const created = Math.floor(Date.now() / 1000)
  const model = (id: string) => ({ id, object: 'model', created, owned_by: 'switch' })

  app.get('/v1/models', async () => {
    return { object: 'list', data: [...selectableNames(registry.routes, registry.backends)].map(model) }
  })

  // A wildcard, since backend/model has a slash.
  app.get<{ Params: { '*': string } }>('/v1/models/*', async ({ params: { '*': id } }) => {
    const { routes, backends } = registry
    if (!selectableNames(routes, backends).has(id)) selectTargets(routes, backends, id, [])
    return model(id)
  })
}
