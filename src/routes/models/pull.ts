// POST /switch/models/pull: brings a model into the model folder, told step by step as Server-Sent Events, or at its end as JSON.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { untilAborted } from '../../backends/until-aborted.ts'
import { errorBody, noteError, toSwitchError } from '../../http/error-rendering.ts'
import { EventStream, sendEvents } from '../../http/sse.ts'
import type { Downloads, RunningPull } from '../../models/download/downloads.ts'
import type { PullProgress } from '../../models/download/progress.ts'
import { pullBodySchema } from './pull-schema.ts'
import type { PullBody } from './pull-schema.ts'

export type PullRouteOptions = {
  downloads: Downloads
}

/** A caller who leaves ends nothing: the pull goes on, and asking again joins it. */
export async function pullRoute(app: FastifyInstance, { downloads }: PullRouteOptions): Promise<void> {
  app.post<{ Body: PullBody }>('/switch/models/pull', { schema: { body: pullBodySchema } }, async (request, reply) => {
    const { model, force } = request.body
    const pull = downloads.start(model, { force })
    request.logFacts['model'] = pull.model
    if (wantsJson(request)) return untilAborted(pull.result, request.callerSignal)
    await untilAborted(begun(pull), request.callerSignal)
    return sendEvents(reply, eventsOf(pull, request, reply))
  })
}

/** Events, unless JSON alone is asked for. */
function wantsJson({ headers: { accept = '' } }: FastifyRequest): boolean {
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}

/** Resolves when there is something to tell; what fails before is an ordinary HTTP error. */
async function begun(pull: RunningPull): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = ({ status }: PullProgress) => {
    if (status !== 'resolving') resolve()
  }
  const stop = pull.listen(check)
  check(pull.progress())
  try {
    await Promise.race([promise, pull.result])
  } finally {
    stop()
  }
}

function eventsOf(pull: RunningPull, request: FastifyRequest, reply: FastifyReply): EventStream {
  const stream = new EventStream()
  let isBehind = false
  const tell = (progress: PullProgress) => {
    // Who reads slowly gets fewer numbers, never old ones.
    if (isBehind) return
    const room = stream.write({ event: 'progress', data: progress })
    isBehind = room !== undefined
    void room?.finally(() => { isBehind = false })
  }
  tell(pull.progress())
  const stop = pull.listen(tell)
  reply.raw.once('close', stop)
  pull.result.then((result) => stream.end([{ event: 'done', data: result }]), (error: Error) => {
    const known = toSwitchError(error)
    noteError(request, known)
    stream.end([{ event: 'error', data: errorBody(known, request.id) }])
  })
  return stream
}
