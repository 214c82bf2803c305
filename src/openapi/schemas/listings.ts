// What /v1/embeddings and /v1/models give.
import { z } from 'zod'
import { count } from './usage.ts'

const vector = z.union([z.array(z.number()), z.string().meta({ description: 'Floats of 32 bits, little-endian, in base64.' })])

export const embeddingListSchema = z.object({
  object: z.literal('list'),
  data: z.array(z.object({ object: z.literal('embedding'), index: count, embedding: vector })),
  model: z.string(),
  usage: z.object({ prompt_tokens: count, total_tokens: count })
}).meta({ id: 'EmbeddingList' })

export const modelSchema = z.object({
  id: z.string().meta({ description: 'A route, a backend, or backend/model.' }),
  object: z.literal('model'),
  created: z.int().meta({ description: 'Seconds since 1970: when the service began.' }),
  owned_by: z.literal('switch')
}).meta({ id: 'Model' })

export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) }).meta({ id: 'ModelList' })
