// The body of POST /switch/models/pull.
import { z } from 'zod'

const modelReason = 'must be the name of a model: a catalogue id, OWNER/REPOSITORY:FILE.gguf, OWNER/REPOSITORY:QUANTISATION or an address'

export const pullBodySchema = z.strictObject({
  model: z.string(modelReason).trim().min(1, modelReason).max(1000, modelReason)
    .meta({ description: 'Catalogue id, OWNER/REPOSITORY:FILE.gguf, OWNER/REPOSITORY:QUANTISATION, or an https address that ends in .gguf. With Ollama also a name of its library' }),
  force: z.boolean('must be true or false').optional().meta({ description: 'Fetch it anew although it is there; false by default' })
}, 'must be a JSON object with a "model", for example {"model": "hermes-3b-q4"}')

export type PullBody = z.output<typeof pullBodySchema>
