// Tells the observer of every HTTP request: when it comes, and when its reply is out or its caller gone.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Observer, RequestEnd, RequestObserver } from '../inference/observer.ts'
import { traceOf } from '../inference/trace-context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent where nobody watches. */
    observer?: RequestObserver
  }
}

/** To be added behind the request's context, and before anything that may refuse a request. */
export function observeRequests(app: FastifyInstance, observer: Observer): void {
  app.decorateRequest('observer')
  app.addHook('onRequest', async (request, reply) => {
    const { method, headers, routeOptions: { url = 'unmatched', config } } = request
    const own = observer.requestBegan({ method, route: url, isPublic: config.isPublic ?? false, trace: traceOf(headers) })
    request.observer = own
    if (own.traceId !== undefined) nameTrace(request, own.traceId)
    reply.raw.once('close', () => {
      const end = endOf(reply)
      // What the end of a connection stops has told its observer a turn later.
      setImmediate(() => own.ended(end))
    })
  })
}

/** In every log line of the request. */
function nameTrace(request: FastifyRequest, traceId: string): void {
  request.log = request.log.child({ trace_id: traceId })
}

function endOf({ raw, elapsedTime }: FastifyReply): RequestEnd {
  return { status: raw.headersSent ? raw.statusCode : null, isCallerGone: !raw.writableEnded, durationMs: elapsedTime }
}
