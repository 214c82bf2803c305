// How a caller of /v1 wants its request handled: from headers, since OpenAI's bodies have no fields for it.
import type { FastifyRequest } from 'fastify'
import { SwitchError } from '../../inference/errors.ts'
import type { InferenceOptions } from '../../inference/inference.ts'
import { decimal } from '../body/fields.ts'
import { prioritySchema, usualPriority } from '../body/priority.ts'

const timeoutSchema = decimal(0.1, 3600)

/**
 * @param body the fields that count here, as the route's schema gives them
 * @throws SwitchError when a header of ours has no good value
 */
export function requestOptions(request: FastifyRequest, body: { model?: string | undefined, stream?: boolean | undefined }, defaultTimeoutSeconds: number): InferenceOptions {
  return {
    model: body.model,
    timeoutSeconds: timeoutOf(request, defaultTimeoutSeconds),
    priority: priorityOf(request),
    isShown: body.stream ?? false,
    callerSignal: request.callerSignal
  }
}

/** X-Switch-Timeout is meant for us. X-Stainless-Timeout is what a client waits, ten minutes by default: it can only shorten the usual time. */
function timeoutOf({ headers }: FastifyRequest, defaultTimeoutSeconds: number): number {
  const own = headers['x-switch-timeout']
  if (own !== undefined) return read('x-switch-timeout', timeoutSchema.safeParse(Number(own || NaN)))
  const patience = Number(headers['x-stainless-timeout'] || NaN)
  return patience >= 0.1 ? Math.min(patience, defaultTimeoutSeconds) : defaultTimeoutSeconds
}

function priorityOf({ headers }: FastifyRequest): number {
  const given = headers['x-switch-priority']
  if (given === undefined) return usualPriority
  return read('x-switch-priority', prioritySchema.safeParse(typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given))
}

function read(path: string, parsed: ReturnType<typeof prioritySchema.safeParse>): number {
  if (parsed.success) return parsed.data
  const reason = parsed.error.issues[0]!.message
  throw new SwitchError('SWITCH_REQUEST_INVALID', `The header ${path} ${reason}.`, { body: { details: [{ path, reason }] } })
}
