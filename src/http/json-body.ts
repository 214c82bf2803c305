// Reads JSON bodies: valid UTF-8, valid JSON, no prototype tricks.
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'

/** Takes application/json only. Fastify's own parser would turn broken UTF-8 into replacement characters in silence. */
export function addJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) return done(new SyntaxError('it is not UTF-8'))
    parse(request, body.toString('utf8'), done)
  })
}
