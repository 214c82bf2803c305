// What every request carries: its id, the signal that the caller is gone, and what the log line will say.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CallerGone } from '../inference/failure.ts'

/** Facts that inner layers add to the one log line of a request. */
export type LogFacts = Record<string, unknown>

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborts with CallerGone when the connection closes before the answer was sent. */
    callerSignal: AbortSignal
    logFacts: LogFacts
  }
}

/** Gives every request its context, and every reply its id. */
export function addRequestContext(app: FastifyInstance): void {
  app.decorateRequest('callerSignal')
  app.decorateRequest('logFacts')
  app.addHook('onRequest', async (request, reply) => {
    const controller = new AbortController()
    request.callerSignal = controller.signal
    request.logFacts = {}
    reply.header('X-Request-Id', request.id).header('X-Correlation-Id', request.id)
    // Not request.signal: it fires on a POST as soon as the body is read (Fastify 5.12).
    reply.raw.once('close', () => {
      const isGone = !reply.raw.writableEnded
      if (isGone) controller.abort(new CallerGone())
      // What the abort stops has noted its facts by then.
      setImmediate(logRequest, request, reply.raw.headersSent ? reply.raw.statusCode : null, reply.elapsedTime, isGone)
    })
  })
}

function logRequest(request: FastifyRequest, status: number | null, elapsedMs: number, isCallerGone: boolean): void {
  const facts = { method: request.method, route: request.routeOptions.url ?? request.url.split('?')[0], status, duration_ms: Math.round(elapsedMs), ...request.logFacts }
  if (isCallerGone) request.log.info({ ...facts, caller_gone: true }, 'caller gone')
  else if (status !== null && status >= 500) request.log.warn(facts, 'request')
  // Health is asked every few seconds, and an answer of its own would drown the rest.
  else if (request.routeOptions.config.isPublic) request.log.debug(facts, 'request')
  else request.log.info(facts, 'request')
}
