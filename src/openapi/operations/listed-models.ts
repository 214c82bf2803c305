// GET /v1/models and /v1/models/{model}.
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'
import { modelListSchema, modelSchema } from '../schemas/listings.ts'

export const listedModelsOperations: readonly Operation[] = [
  {
    route: 'GET /v1/models', id: 'listModels', tag: 'OpenAI', summary: 'Every name that `model` may have',
    replies: { 200: jsonReply('The names.', modelListSchema) }
  },
  {
    route: 'GET /v1/models/*', id: 'getModel', tag: 'OpenAI', summary: 'One of them',
    placeholders: { '*': { name: 'model', description: 'A route, a backend, or backend/model with its slash.', example: 'default' } },
    replies: { 200: jsonReply('The name.', modelSchema) },
    errors: ['SWITCH_ROUTE_UNKNOWN']
  }
]
