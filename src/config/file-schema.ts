// The entries of the YAML file, declared once: what each key takes, its default, and how a problem names it.
import { z } from 'zod'
import { isCloudModel } from '../backends/ollama/model-name.ts'
import { gpuChoices, kvCacheTypes, namesNoUser } from './schema.ts'

/** What an error message says of one key. */
export type KeyFacts = {
  /** The values it takes, in words. */
  expected: string
  /** True for a key: its value is never printed. */
  secret?: boolean
}

/** `${NAME}` gives text, so text that is a number or a flag counts as one. */
const fromText = (read: (text: string) => unknown, schema: z.ZodType) => z.preprocess((value) => typeof value === 'string' ? read(value.trim()) : value, schema)
const asNumber = (text: string) => text === '' ? text : Number(text)
const asFlag = (text: string) => text === 'true' ? true : text === 'false' ? false : text

const integer = (min: number, max: number, unit: string) =>
  fromText(asNumber, z.number().int().min(min).max(max)).pipe(z.number()).meta({ expected: `a whole number from ${min} to ${max} (${unit})` })
const decimal = (min: number, max: number, unit: string) =>
  fromText(asNumber, z.number().min(min).max(max)).pipe(z.number()).meta({ expected: `a number from ${min} to ${max}${unit && ` (${unit})`}` })
const flag = () => fromText(asFlag, z.boolean()).pipe(z.boolean()).meta({ expected: 'true or false' })
const text = (expected: string) => z.string().trim().min(1).meta({ expected })
const secret = () => z.string().trim().regex(/^[\x21-\x7e]+$/).meta({ expected: 'text without spaces, in quotes when it is all digits', secret: true })
const url = () => z.string().trim().pipe(z.url({ protocol: /^https?$/ })).refine(namesNoUser)
  .meta({ expected: 'an http or https address without user and password' })

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.string().trim().pipe(z.enum(values)).meta({ expected: `one of ${values.join(', ')}` })

const timeout = () => decimal(0.1, 3600, 'seconds')
const context = () => integer(64, 1_048_576, 'tokens')
/** Without one a server of type openai makes no vectors (unless its model is "*"), and an Ollama is asked for those of its model. */
const embedding = () => text('the name of an embedding model')
const keepAlive = () => decimal(-1, 31_536_000, 'seconds, -1 for ever')
const answer = () => integer(1, 1_048_576, 'tokens')

const openAiEntry = z.strictObject({
  type: z.literal('openai'),
  base_url: url().default('https://api.openai.com/v1'),
  api_key: secret().optional(),
  model: text('a model name, or "*" for whatever the caller names'),
  organisation: text('an organisation id').optional(),
  timeout: timeout().default(20),
  first_token_timeout: timeout().default(10),
  idle_timeout: timeout().default(15),
  max_concurrent: integer(1, 10_000, 'requests').default(64),
  context_length: context().optional(),
  tools: flag().default(true),
  json_schema: flag().default(true),
  /** Pictures in messages. Default: true at api.openai.com alone. */
  vision: flag().optional(),
  /** Log probabilities of tokens. */
  logprobs: flag().default(true),
  /** POST /completions, which goes on from text as it is. Default: false at api.openai.com and api.deepseek.com, whose models have no such route, true elsewhere. */
  completions: flag().optional(),
  embedding_model: embedding().optional()
})

const ollamaEntry = z.strictObject({
  type: z.literal('ollama'),
  base_url: url().default('http://127.0.0.1:11434'),
  model: z.string().trim().min(1).refine((name) => !isCloudModel(name)).meta({ expected: 'a model name, not one that runs in the cloud of Ollama' }),
  embedding_model: embedding().refine((name) => !isCloudModel(name)).meta({ expected: 'the name of an embedding model, not one that runs in the cloud of Ollama' }).optional(),
  context_length: context().optional(),
  max_tokens: answer().optional(),
  temperature: decimal(0, 2, '').optional(),
  keep_alive: keepAlive().optional(),
  max_concurrent: integer(1, 64, 'requests').default(1),
  timeout: timeout().optional(),
  first_token_timeout: timeout().optional(),
  idle_timeout: timeout().optional()
})

const llamaCppEntry = z.strictObject({
  type: z.literal('llama-cpp'),
  model: text('a catalogue id, a GGUF file name or auto'),
  context_length: context().optional(),
  max_concurrent: integer(1, 64, 'requests').optional(),
  max_tokens: answer().optional(),
  temperature: decimal(0, 2, '').optional(),
  keep_alive: keepAlive().optional(),
  threads: integer(0, 512, 'threads, 0 for one a physical core').optional(),
  gpu: oneOf(gpuChoices).optional(),
  kv_cache: oneOf(kvCacheTypes).optional(),
  flash_attention: flag().optional(),
  deterministic: flag().optional(),
  mmap: flag().optional(),
  lora: text('paths of GGUF adapters, comma separated, each with =scale or without').optional(),
  warm_prompt: text('a system prompt').optional(),
  speculation: flag().optional()
})

/** The kinds of backends and what an entry of each may say. Times are seconds. */
export const backendEntries = { openai: openAiEntry, ollama: ollamaEntry, 'llama-cpp': llamaCppEntry }

/** The long form of a route. The short one is its list of backends alone. */
export const routeEntry = z.strictObject({
  backends: z.array(z.string()).min(1).refine((names) => new Set(names).size === names.length).meta({ expected: 'a list of at least one backend, each at most once' }),
  private: flag().default(false)
})

export type OpenAiEntry = z.output<typeof openAiEntry>
export type OllamaEntry = z.output<typeof ollamaEntry>
export type LlamaCppEntry = z.output<typeof llamaCppEntry>
export type BackendEntry = OpenAiEntry | OllamaEntry | LlamaCppEntry
export type RouteEntry = z.output<typeof routeEntry>

/** A name of a backend or a route. */
export const entryName = /^[A-Za-z0-9_-]{1,64}$/

/** What is said of a key of `entry`; undefined when it has no such key. */
export function factsOfKey(entry: z.ZodObject, key: string): KeyFacts | undefined {
  const schema = Object.hasOwn(entry.shape, key) ? entry.shape[key] as z.ZodType : undefined
  return schema && innermost(schema).meta() as KeyFacts | undefined
}

function innermost(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? innermost(schema.unwrap() as z.ZodType) : schema
}
