// POST /switch/models/unload: frees the memory of a model, when the requests that it answers are done.
import type { FastifyInstance } from 'fastify'
import { untilAborted } from '../../backends/until-aborted.ts'
import { unloadBodySchema } from './change-body.ts'
import type { ChangeBody } from './change-body.ts'
import { describeChangeError } from './change-error.ts'
import { backendToUnload } from './chosen-backend.ts'
import type { ModelChangeRouteOptions } from './load.ts'
import { reportModel } from './model-report.ts'

/**
 * It stays unloaded until it is loaded again: requests go to the next backend of their route meanwhile. Who unloads a
 * model wants its memory for something, so that the next request must not take it back.
 */
export async function modelUnloadRoute(app: FastifyInstance, { registry, folder }: ModelChangeRouteOptions): Promise<void> {
  app.post<{ Body: ChangeBody }>('/switch/models/unload', { schema: { body: unloadBodySchema } }, async ({ body, logFacts, callerSignal }) => {
    const { target, control } = backendToUnload(registry.backends, body)
    logFacts['backend'] = target.backend.name
    try {
      const freedMb = await untilAborted(control.unload(), callerSignal)
      return { ...reportModel(target)!, freed_mb: freedMb ?? null }
    } catch (error) {
      throw await describeChangeError(error, body.model, folder)
    }
  })
}
