// POST /switch/models/load: loads a model, or changes a backend over to another one, while requests go on.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { untilAborted } from '../../backends/until-aborted.ts'
import { errorBody, noteError, toSwitchError } from '../../http/error-rendering.ts'
import { EventStream, sendEvents } from '../../http/sse.ts'
import type { GatedBackend } from '../../inference/target.ts'
import { loadBodySchema } from './change-body.ts'
import type { ChangeBody } from './change-body.ts'
import { describeChangeError } from './change-error.ts'
import { backendToLoad } from './chosen-backend.ts'
import { reportModel } from './model-report.ts'
import type { ModelReport } from './model-report.ts'

export type ModelChangeRouteOptions = {
  /** Asked anew for each request: a reload exchanges its backends. */
  registry: { readonly backends: readonly GatedBackend[] }
  /** HERMES_MODEL_DIR. */
  folder: string
}

/** Between two looks at the progress. */
const lookEveryMs = 250

/** A caller who leaves ends nothing: the load goes on, and asking again joins it. */
export async function modelLoadRoute(app: FastifyInstance, { registry, folder }: ModelChangeRouteOptions): Promise<void> {
  app.post<{ Body: ChangeBody }>('/switch/models/load', { schema: { body: loadBodySchema } }, async (request, reply) => {
    const { model } = request.body
    const { target, control } = backendToLoad(registry.backends, request.body)
    const loaded = load(() => control.load(model), target)
    const report = loaded.catch(async (error: unknown) => { throw await describeChangeError(error, model, folder) })
    report.catch(() => undefined)
    request.logFacts['backend'] = target.backend.name
    if (!wantsEvents(request)) return untilAborted(report, request.callerSignal)
    // What is refused at once is an ordinary HTTP error.
    await untilAborted(Promise.race([report, sleep(lookEveryMs)]), request.callerSignal)
    return sendEvents(reply, eventsOf(report, target, request, reply))
  })
}

async function load(run: () => Promise<void>, target: GatedBackend): Promise<ModelReport> {
  await run()
  return reportModel(target)!
}

function wantsEvents({ headers: { accept = '' } }: FastifyRequest): boolean {
  return accept.includes('text/event-stream')
}

function eventsOf(report: Promise<ModelReport>, target: GatedBackend, request: FastifyRequest, reply: FastifyReply): EventStream {
  const stream = new EventStream()
  let told = ''
  const look = () => {
    const data = progressOf(target)
    const text = JSON.stringify(data)
    if (text !== told) void stream.write({ event: 'progress', data })
    told = text
  }
  look()
  const timer = setInterval(look, lookEveryMs)
  reply.raw.once('close', () => clearInterval(timer))
  report.finally(() => clearInterval(timer)).then((data) => stream.end([{ event: 'done', data }]), (error: Error) => {
    const known = toSwitchError(error)
    noteError(request, known)
    stream.end([{ event: 'error', data: errorBody(known, request.id) }])
  })
  return stream
}

/** Of the model that loads, were it beside the one that still answers. */
function progressOf({ backend }: GatedBackend) {
  const { status, model, loadProgress = null, next } = backend.state()
  if (next) return { backend: backend.name, model: next.model, state: 'loading', load_progress: next.loadProgress }
  return { backend: backend.name, model, state: status, load_progress: loadProgress }
}
