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
  const digests = tokens.map((token) => digest(token))
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isPublic || sentTokens(request).some((token) => isAccepted(token, digests))) return
    throw new SwitchError('SWITCH_AUTH_REQUIRED', 'A valid token is required. Send it as X-VX11-Token or as Authorization: Bearer.', { body: { detail: 'auth_required' } })
  })
}

/** Tokens as the bytes that were sent: Node reads headers as Latin-1. */
function sentTokens({ headers }: FastifyRequest): Buffer[] {
  const sent = [headers['x-vx11-token'], /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]]
  return sent.filter((token) => typeof token === 'string').map((token) => Buffer.from(token, 'latin1'))
}

/** Constant time: digests have one length, and all of them are compared. */
function isAccepted(token: Buffer, digests: readonly Buffer[]): boolean {
  const sent = digest(token)
  return digests.filter((accepted) => timingSafeEqual(accepted, sent)).length > 0
}

function digest(token: string | Buffer): Buffer {
  return createHash('sha256').update(token).digest()
}
