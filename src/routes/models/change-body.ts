// The bodies of POST /switch/models/load and /unload.
import { z } from 'zod'

const modelReason = 'must be the name of an installed model, without a path'

const fields = {
  // A caller of the service is not to try out the files of the machine.
  model: z.string(modelReason).trim().min(1, modelReason).max(200, modelReason).regex(/^[^/\\]+(\/[^/\\]+)?$/, modelReason).regex(/^(?!\.)/, modelReason)
    .optional().meta({ description: 'Catalogue id or file name, or the name of a model of Ollama' }),
  backend: z.string('must be the name of a backend').trim().min(1, 'must be the name of a backend').max(64, 'must be the name of a backend').optional().meta({ description: 'Backend that is to run it' })
}
const notAnObject = 'must be a JSON object, for example {"model": "hermes-3b-q4"}'

export const loadBodySchema = z.strictObject(fields, notAnObject)

export const unloadBodySchema = z.strictObject(fields, notAnObject).superRefine(({ model, backend }, context) => {
  if (model === undefined && backend === undefined) context.addIssue({ code: 'custom', path: ['model'], message: 'is missing; give model or backend' })
})

export type ChangeBody = z.output<typeof loadBodySchema>
