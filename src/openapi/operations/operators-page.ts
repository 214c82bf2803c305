// The operator's page, and what it is told.
import { readdirSync } from 'node:fs'
import { requestIdHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'
import { recentRequestsSchema, watchEventSchema } from '../schemas/events.ts'

/** The names of the page's files change with what is in them. */
const asset = readdirSync(new URL('../../page/built/page/', import.meta.url)).find((file) => file.endsWith('.css'))!

const text = { schema: { type: 'string' as const } }

export const operatorsPageOperations: readonly Operation[] = [
  {
    route: 'GET /switch/events', id: 'watchService', tag: 'Health', summary: 'What happens, as it happens',
    description: 'The facts of the service, the last requests and the status; from then on the status every second and each request as it ends. It ends with the service. At most sixteen may watch.',
    replies: { 200: { description: 'A stream without an end.', headers: requestIdHeader, content: { 'text/event-stream': { schema: watchEventSchema } } } },
    errors: ['SWITCH_QUEUE_FULL', 'SWITCH_SERVER_CLOSING']
  },
  {
    route: 'GET /switch/requests', id: 'listRecentRequests', tag: 'Health', summary: 'The last requests with their receipts',
    replies: { 200: jsonReply('Those that asked a model.', recentRequestsSchema) }
  },
  { route: 'GET /', id: 'getPage', tag: 'About', summary: "The operator's page", replies: { 200: { description: 'A page.', headers: requestIdHeader, content: { 'text/html': text } } } },
  {
    route: 'GET /page/:asset', id: 'getPageAsset', tag: 'About', summary: 'Script and style of the page',
    placeholders: { asset: { description: 'File name.', example: asset } },
    replies: { 200: { description: 'A file.', headers: requestIdHeader, content: { 'text/javascript': text, 'text/css': text } } },
    errors: ['SWITCH_HTTP_NOT_FOUND']
  }
]
