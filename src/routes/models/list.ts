// GET /switch/models: the models of the local backends, those that could be loaded, and those that are being pulled.
import type { FastifyInstance } from 'fastify'
import type { GatedBackend } from '../../inference/target.ts'
import type { Downloads } from '../../models/download/downloads.ts'
import { availableModels } from './available-models.ts'
import { reportModel } from './model-report.ts'

export type ModelListRouteOptions = {
  /** Asked anew for each request: a reload exchanges its backends. */
  registry: { readonly backends: readonly GatedBackend[] }
  downloads: Downloads
  /** HERMES_MODEL_DIR. */
  folder: string
}

export async function modelListRoute(app: FastifyInstance, { registry, downloads, folder }: ModelListRouteOptions): Promise<void> {
  app.get('/switch/models', async () => {
    const { models: available, warnings } = await availableModels(folder)
    return {
      models: registry.backends.flatMap((target) => reportModel(target) ?? []),
      available, downloads: downloads.list(),
      ...warnings.length > 0 && { warnings }
    }
  })
}
