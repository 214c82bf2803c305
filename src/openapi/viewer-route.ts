// GET /docs: Swagger UI from the service itself, so that it works without a network.
import { readFile } from 'node:fs/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { SwitchError } from '../inference/errors.ts'

/** Whatever the scripts of the viewer would like: nothing is loaded from, and nothing is sent to, another host. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type File = { readonly url: URL, readonly type: string }

const page: File = { url: new URL('viewer/index.html', import.meta.url), type: 'text/html' }

const assets: Readonly<Record<string, File>> = {
  'start.js': { url: new URL('viewer/start.js', import.meta.url), type: 'text/javascript' },
  'swagger-ui-bundle.js': { url: packaged('swagger-ui-bundle.js'), type: 'text/javascript' },
  'swagger-ui.css': { url: packaged('swagger-ui.css'), type: 'text/css' }
}

export async function viewerRoute(app: FastifyInstance): Promise<void> {
  app.get('/docs', { config: { isPublic: true } }, async (_request, reply) => sendFile(reply, page))

  app.get<{ Params: { asset: string } }>('/docs/:asset', { config: { isPublic: true } }, async ({ params: { asset } }, reply) => {
    if (Object.hasOwn(assets, asset)) return sendFile(reply, assets[asset]!)
    throw new SwitchError('SWITCH_HTTP_NOT_FOUND', `There is nothing at /docs/${asset}. The viewer is at /docs.`)
  })
}

async function sendFile(reply: FastifyReply, { url, type }: File): Promise<Buffer> {
  const bytes = await readFile(url)
  reply
    .header('Content-Type', `${type}; charset=utf-8`)
    .header('Content-Security-Policy', policy)
    .header('X-Content-Type-Options', 'nosniff')
    .header('Referrer-Policy', 'no-referrer')
    .header('Cache-Control', type === 'text/html' ? 'no-cache' : 'max-age=3600')
  return bytes
}

function packaged(name: string): URL {
  return new URL(import.meta.resolve(`swagger-ui-dist/${name}`))
}
