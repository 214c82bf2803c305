// GET /: the operator's page as it was built. It needs no token; the data that it shows does.
import { readFileSync, readdirSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { SwitchError } from '../inference/errors.ts'

/** The page runs its own script, wears its own style and speaks with its own service; nothing else. */
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"
].join('; ')

const built = new URL('../page/built/', import.meta.url)
const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' }
const forEver = 'public, max-age=31536000, immutable'

export async function pageRoute(app: FastifyInstance): Promise<void> {
  const page = readFileSync(new URL('index.html', built))
  const assets = new Map(readdirSync(new URL('page/', built)).map((name) => [name, readFileSync(new URL(`page/${name}`, built))]))

  app.get('/', { config: { isPublic: true } }, async (_request, reply) => send(reply, 'html', page, 'no-cache'))

  app.get<{ Params: { asset: string } }>('/page/:asset', { config: { isPublic: true } }, async ({ params: { asset } }, reply) => {
    const bytes = assets.get(asset)
    if (bytes === undefined) throw new SwitchError('SWITCH_HTTP_NOT_FOUND', `There is nothing at /page/${asset}. The page is at /.`)
    // The name has a hash of the content in it.
    return send(reply, asset.split('.').at(-1)!, bytes, forEver)
  })
}

function send(reply: FastifyReply, extension: string, bytes: Buffer, caching: string): Buffer {
  reply
    .header('Content-Type', `${types[extension]}; charset=utf-8`)
    .header('Content-Security-Policy', policy)
    .header('X-Content-Type-Options', 'nosniff')
    .header('Referrer-Policy', 'no-referrer')
    .header('Cross-Origin-Opener-Policy', 'same-origin')
    .header('Cache-Control', caching)
  return bytes
}
