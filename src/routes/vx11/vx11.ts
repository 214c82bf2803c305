// The routes that VX11's own services call today, in the forms that they send and read.
import type { FastifyInstance } from 'fastify'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { controlRoute } from './control.ts'
import { engineSelectionRoute } from './engine-selection.ts'
import type { LiveBackends } from './live-backends.ts'
import { overviewRoutes } from './overview.ts'
import { questionRoutes } from './questions.ts'

export type Vx11RouteOptions = InferenceRouteOptions & { registry: LiveBackends }

export async function vx11Routes(app: FastifyInstance, options: Vx11RouteOptions): Promise<void> {
  questionRoutes(app, options)
  overviewRoutes(app, options.registry)
  controlRoute(app, options.registry)
  engineSelectionRoute(app, options.registry)
}
