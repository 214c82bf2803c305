// The OpenAPI 3.1 document of an app: its registered routes, and what is said about them.
import { createDocument } from 'zod-openapi'
import type { CreateDocumentOptions, oas31 } from 'zod-openapi'
import { errorStatus } from '../inference/errors.ts'
import type { ErrorCode } from '../inference/errors.ts'
import { errorMeanings } from './error-meanings.ts'
import { operations } from './operations.ts'
import { pathsOf } from './paths.ts'
import type { RegisteredRoute } from './registered-routes.ts'
import { completeRequests } from './request-schemas.ts'
import { tags } from './tags.ts'

const introduction = `Tries the backends of a route in order, and ends every request inside its deadline with a real answer or an honest 503.

Send the token as \`X-VX11-Token\` or as \`Authorization: Bearer\`. Without SWITCH_TOKEN the service needs none and listens on loopback only.

A schema of \`text/event-stream\` is that of one event: its name, where it has one, and its data. Lines that begin with a colon keep the connection alive.

Errors are JSON with a sentence that says what to do. Their codes:`

const options: CreateDocumentOptions = {
  // Replies may grow fields: whoever reads them lets pass what they do not know.
  override: ({ io, jsonSchema }) => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  },
  // completeRequests fills them in.
  allowEmptySchema: { transform: { input: true }, pipe: { input: true } }
}

export function buildDocument(routes: readonly RegisteredRoute[], version: string): oas31.OpenAPIObject {
  const document = createDocument({
    openapi: '3.1.1',
    info: { title: 'Switch', version, description: `${introduction}\n\n${codeTable()}`, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: [...tags],
    security: [{ token: [] }, { bearer: [] }],
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'X-VX11-Token' },
        bearer: { type: 'http', scheme: 'bearer' }
      }
    },
    paths: pathsOf(routes, operations)
  }, options) as oas31.OpenAPIObject
  completeRequests(document.components!.schemas!, operations.flatMap(({ body }) => body ?? []))
  return document
}

function codeTable(): string {
  const rows = (Object.entries(errorStatus) as [ErrorCode, number][]).map(([code, status]) => `| ${status} | \`${code}\` | ${errorMeanings[code]} |`)
  return ['| status | code | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
