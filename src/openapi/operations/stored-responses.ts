// GET and DELETE /v1/responses/{id}, and the items that its request added.
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'
import { itemPageSchema } from '../schemas/response-items.ts'
import { deletedResponseSchema, responseObjectSchema } from '../schemas/response-object.ts'

const placeholders = { id: { description: 'Of a kept answer.', example: 'resp_0123456789abcdef0123456789abcdef' } }

export const storedResponsesOperations: readonly Operation[] = [
  {
    route: 'GET /v1/responses/:id', id: 'getResponse', tag: 'OpenAI', summary: 'An answer that was kept', placeholders,
    query: { stream: 'Only false.' },
    replies: { 200: jsonReply('The answer.', responseObjectSchema) },
    errors: ['SWITCH_REQUEST_INVALID', 'SWITCH_RESPONSE_NOT_FOUND']
  },
  {
    route: 'DELETE /v1/responses/:id', id: 'deleteResponse', tag: 'OpenAI', summary: 'Forgets an answer', placeholders,
    replies: { 200: jsonReply('It is forgotten.', deletedResponseSchema) },
    errors: ['SWITCH_RESPONSE_NOT_FOUND']
  },
  {
    route: 'GET /v1/responses/:id/input_items', id: 'listInputItems', tag: 'OpenAI', summary: 'The items that its request added', placeholders,
    query: { after: 'The last item of the page before.', limit: 'Items on a page.', order: 'desc: the newest first.' },
    replies: { 200: jsonReply('A page of them.', itemPageSchema) },
    errors: ['SWITCH_REQUEST_INVALID', 'SWITCH_RESPONSE_NOT_FOUND']
  }
]
