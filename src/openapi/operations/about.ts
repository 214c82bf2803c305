// GET /openapi.json and its viewer.
import { z } from 'zod'
import { requestIdHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'

const anyDocument = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })

function page(description: string, type: string): Operation['replies'][string] {
  return { description, headers: requestIdHeader, content: { [type]: { schema: { type: 'string' } } } }
}

export const aboutOperations: readonly Operation[] = [
  { route: 'GET /openapi.json', id: 'getDocument', tag: 'About', summary: 'This document', replies: { 200: jsonReply('OpenAPI 3.1.', anyDocument) } },
  { route: 'GET /docs', id: 'getViewer', tag: 'About', summary: 'A viewer of this document that needs no network', replies: { 200: page('A page.', 'text/html') } },
  {
    route: 'GET /docs/:asset', id: 'getViewerAsset', tag: 'About', summary: 'Scripts and styles of the viewer',
    placeholders: { asset: { description: 'File name.', example: 'swagger-ui.css' } },
    replies: { 200: { description: 'A file.', headers: requestIdHeader, content: { 'text/javascript': { schema: { type: 'string' } }, 'text/css': { schema: { type: 'string' } } } } },
    errors: ['SWITCH_HTTP_NOT_FOUND']
  }
]
