// Lets a request through when it carries an accepted token.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SwitchError } from '../inference/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that needs no token. */
    isPublic?: boolean
  }
}

/** Guards every route that is not public. Without tokens the service is open; the configuration allows that on loopback only. */
export function addAuth(app: FastifyInstance, tokens: readonly string[]): void {
  if (tokens.length === 0) return
  const digests = tokens.map(digest)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isPublic || isAccepted(sentToken(request), digests)) return
    throw new SwitchError('SWITCH_AUTH_REQUIRED', 'A valid token is required. Send it as X-VX11-Token or as Authorization: Bearer.', { body: { detail: 'auth_required' } })
  })
}

function sentToken({ headers }: FastifyRequest): string | undefined {
  const own = headers['x-vx11-token']
  if (typeof own === 'string') return own
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Constant time: digests have one length, and all of them are compared. */
function isAccepted(token: string | undefined, digests: readonly Buffer[]): boolean {
  if (token === undefined) return false
  const sent = digest(token)
  return digests.filter((accepted) => timingSafeEqual(accepted, sent)).length > 0
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
