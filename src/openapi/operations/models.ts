// GET /switch/models, and POST /switch/models/pull, /load and /unload.
import { requestIdHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'
import { inferenceReply, jsonReply } from '../replies.ts'
import { loadEventSchema, loadedModelSchema, modelOverviewSchema, pullEventSchema, pullResultSchema, unloadedModelSchema } from '../schemas/models.ts'

/** JSON or events, as Accept asks. */
function changeReply(...content: Parameters<typeof inferenceReply>): Operation['replies'][string] {
  return { ...inferenceReply(...content), headers: requestIdHeader }
}

export const modelsOperations: readonly Operation[] = [
  {
    route: 'GET /switch/models', id: 'listLocalModels', tag: 'Models', summary: 'Models of the local backends, those on disk, and those being pulled',
    replies: { 200: jsonReply('All of them.', modelOverviewSchema) }
  },
  {
    route: 'POST /switch/models/pull', id: 'pullModel', tag: 'Models', summary: 'Brings a model into the model folder',
    description: 'As events; with `Accept: application/json` as one reply at the end. Who leaves ends nothing, and who asks again joins.',
    body: { name: 'PullRequest', fields: {}, examples: { embedded: { summary: 'A model of the catalogue', value: { model: 'switch-tiny' } } } },
    replies: { 200: changeReply('It is there. As a stream: progress, then exactly one of done and error.', pullResultSchema, pullEventSchema) },
    errors: [
      'SWITCH_MODEL_UNKNOWN', 'SWITCH_REQUEST_UNSUPPORTED', 'SWITCH_DOWNLOAD_FORBIDDEN', 'SWITCH_DOWNLOAD_NOT_FOUND', 'SWITCH_DOWNLOAD_NAME_TAKEN', 'SWITCH_DOWNLOAD_FAILED',
      'SWITCH_DOWNLOAD_DAMAGED', 'SWITCH_DOWNLOAD_FOLDER_UNUSABLE', 'SWITCH_DOWNLOAD_NO_SPACE', 'SWITCH_SERVER_CLOSING'
    ]
  },
  {
    route: 'POST /switch/models/load', id: 'loadModel', tag: 'Models', summary: 'Loads a model, or changes a backend over to another one',
    description: 'As one reply at the end; with `Accept: text/event-stream` as events. Requests go on meanwhile. Who leaves ends nothing, and who asks again joins.',
    body: { name: 'LoadRequest', fields: {}, examples: { named: { summary: 'A model by its name', value: { model: 'switch-tiny' } } } },
    replies: { 200: changeReply('It can answer. As a stream: progress, then exactly one of done and error.', loadedModelSchema, loadEventSchema) },
    errors: ['SWITCH_REQUEST_UNSUPPORTED', 'SWITCH_MODEL_NOT_FOUND', 'SWITCH_MODEL_BUSY', 'SWITCH_MODEL_TOO_LARGE', 'SWITCH_MODEL_LOAD_FAILED']
  },
  {
    route: 'POST /switch/models/unload', id: 'unloadModel', tag: 'Models', summary: 'Frees the memory of a model',
    description: 'When the requests that it answers are done. It stays unloaded until it is loaded again.',
    body: { name: 'UnloadRequest', fields: {}, examples: { named: { summary: 'A model by its name', value: { model: 'switch-tiny' } } } },
    replies: { 200: jsonReply('It is unloaded.', unloadedModelSchema) },
    errors: ['SWITCH_REQUEST_UNSUPPORTED', 'SWITCH_MODEL_NOT_FOUND', 'SWITCH_MODEL_BUSY', 'SWITCH_MODEL_LOAD_FAILED']
  }
]
