// Every setting of Switch, declared once. The type, the JSON schema, .env.example and the README table follow from it.
import { z } from 'zod'

/** What the documentation and the error messages say of one variable. */
export type VariableFacts = {
  /** One sentence for the README and .env.example. */
  description: string
  /** The values it takes, in words, for an error message. */
  expected: string
  /** True for a key or a token: its value is never printed. */
  secret?: boolean
}

const integer = (min: number, max: number, unit: string, description: string) =>
  z.coerce.number().int().min(min).max(max).meta({ description, expected: `a whole number from ${min} to ${max}${unit && ` (${unit})`}` })

const decimal = (min: number, max: number, unit: string, description: string) =>
  z.coerce.number().min(min).max(max).meta({ description, expected: `a number from ${min} to ${max}${unit && ` (${unit})`}` })

const flag = (description: string) => z.string().trim().pipe(z.stringbool()).meta({ description, expected: 'true or false' })

const text = (description: string, expected = 'text') => z.string().trim().min(1).meta({ description, expected })

const secret = (description: string) => z.string().trim().min(1).meta({ description, expected: 'text', secret: true })

const oneOf = <const T extends readonly [string, ...string[]]>(values: T, description: string) =>
  z.string().trim().pipe(z.enum(values)).meta({ description, expected: `one of ${values.join(', ')}` })

const url = (description: string) =>
  z.url({ protocol: /^https?$/ }).refine(namesNoUser).meta({ description, expected: 'an http or https address without user and password' })

/** Credentials in an address would end up in logs, and fetch refuses them. */
export function namesNoUser(address: string): boolean {
  const parsed = URL.parse(address)
  return parsed === null || (parsed.username === '' && parsed.password === '')
}

/** The names of a comma-separated list, trimmed, empty ones left out. */
export function listOf(value: string): string[] {
  return value.split(',').map((name) => name.trim()).filter((name) => name !== '')
}

/** What the local engine takes as a GPU and as a type of its KV cache. */
export const gpuChoices = ['auto', 'off', 'cuda', 'vulkan', 'metal'] as const
export const kvCacheTypes = ['f16', 'q8_0'] as const

const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'SILENT'] as const

export const configSchema = z.object({
  HOST: text('Address to listen on. Any host other than loopback needs a token', 'a host name or an IP address').default('127.0.0.1'),
  PORT: integer(0, 65535, '0 picks a free one', 'Port to listen on').default(8000),
  SWITCH_TOKEN: z.string().refine((value) => listOf(value).length > 0)
    .meta({ description: 'Accepted tokens, comma separated. Falls back to VX11_TENTACULO_LINK_TOKEN, VX11_GATEWAY_TOKEN, API_TOKEN. Unset: open, on loopback only', expected: 'at least one token', secret: true }).optional(),
  SWITCH_ROUTE: z.string()
    .refine((value) => {
      const names = listOf(value)
      return names.length > 0 && new Set(names).size === names.length
    })
    .meta({ description: 'Order of the default route; a backend that is not configured is left out', expected: 'a comma-separated order of openai, deepseek, hermes, hermes-fallback and, with SWITCH_CONFIG, the backends of that file, each at most once' })
    .default('openai,hermes'),
  SWITCH_CONFIG: text('YAML file with further backends and routes', 'the path of a YAML file').optional(),
  SWITCH_CACHE_DIR: text('Folder of the response cache and of saved prompt states', 'a folder').default('./data/switch_cache'),
  SWITCH_SHUTDOWN_GRACE: decimal(0, 600, 'seconds', 'How long running requests may finish after SIGTERM').default(8),

  HERMES_ENABLE: flag('The local backend on or off').default(true),
  HERMES_FRAMEWORK: oneOf(['llama-cpp', 'ollama'], 'What runs the local model: llama-cpp (in Switch itself) or ollama').default('llama-cpp'),
  HERMES_MODEL_DIR: text('Folder of GGUF files', 'a folder').default('./data/models'),
  HERMES_MODEL_NAME: text('Catalogue id, GGUF file name or Ollama tag. auto: the default of .config.json in the folder, else the best model there, else, where no remote backend is configured, the embedded switch-tiny', 'a model name or auto').default('auto'),
  HERMES_FALLBACK_MODEL: text('Second local model, directly behind the first: it answers when the first does not fit in memory or fails. auto: fallback_model of .config.json in the folder', 'a model name or auto').optional(),
  HERMES_CONTEXT_LENGTH: integer(64, 1_048_576, 'tokens', 'Context of one request, prompt and answer together. A request may ask for less').default(2048),
  HERMES_MAX_TOKENS: integer(1, 1_048_576, 'tokens', 'Longest answer. A request may ask for less').default(512),
  HERMES_TEMPERATURE: decimal(0, 2, '', 'Sampling temperature of a request that names none').default(0.7),
  HERMES_MAX_CONCURRENT: integer(1, 64, 'requests', 'Generations at once in the local engine').default(1),
  HERMES_MAX_QUEUE: integer(0, 100_000, 'requests', 'Callers that may wait for a backend; one more gets 429').default(64),
  HERMES_TIMEOUT: decimal(0.1, 3600, 'seconds', 'Deadline of a whole request that names none').default(30),
  HERMES_MAX_MEMORY_MB: integer(64, 16_777_216, 'MB', 'A model that needs more is refused before it is loaded').default(4096),
  HERMES_ISOLATION: oneOf(['process', 'none'], 'process: the engine runs in a supervised child process; none: inside the server').default('process'),
  HERMES_KEEP_ALIVE: decimal(-1, 31_536_000, 'seconds, -1 for ever', 'How long an idle model stays loaded; 0: no longer than it is used. The next request loads it again').default(-1),
  HERMES_THREADS: integer(0, 512, 'threads, 0 for one a physical core', 'Threads of the local engine. 0: one a physical core that this process may use').default(0),
  HERMES_GPU: oneOf(gpuChoices, 'GPU of the local engine. auto: the one that an installed build can use').default('auto'),
  HERMES_KV_CACHE: oneOf(kvCacheTypes, 'Precision of the KV cache. q8_0 takes half the memory and is slower').default('f16'),
  HERMES_FLASH_ATTENTION: flag('Flash attention in the local engine').default(true),
  HERMES_DETERMINISTIC: flag('The same prompt gives the same text, alone or beside others: flash attention off, seed 0 where a request names none').default(false),
  HERMES_MMAP: flag('The model file is mapped into memory instead of read').default(true),
  HERMES_LORA: z.string().trim().min(1).refine((value) => listOf(value).length > 0)
    .meta({ description: 'LoRA adapters for the local model, comma separated, each a path or path=scale', expected: 'paths of GGUF adapters, comma separated, each with =scale or without' }).optional(),
  HERMES_WARM_PROMPT: text('System prompt that is evaluated into every slot at the start, so that requests with it are answered faster', 'a system prompt').optional(),
  HERMES_SPECULATION: flag('Tokens that the prompt or the answer already had are guessed ahead when one request runs alone. Worth it where a model often copies and the processor evaluates several tokens almost as fast as one: measure it with npm run bench:speculation').default(false),
  HERMES_PROMPT_CACHE_MB: integer(0, 16_777_216, 'MB, 0 for none', 'Bound of the prompt states saved in SWITCH_CACHE_DIR').default(1024),

  OLLAMA_BASE_URL: url('Address of Ollama, used when HERMES_FRAMEWORK=ollama').default('http://127.0.0.1:11434'),
  OPENAI_API_KEY: secret('Key of the remote backend. Unset: that backend is not configured').optional(),
  OPENAI_MODEL: text('Model of the remote backend', 'a model name').default('gpt-6-luna'),
  OPENAI_EMBEDDING_MODEL: text('Model of the remote backend for embeddings, for example text-embedding-3-small. Unset: it makes none', 'a model name').optional(),
  OPENAI_ORG_ID: text('Organisation sent to the remote backend', 'an organisation id').optional(),
  OPENAI_BASE_URL: url('Address of the remote backend').default('https://api.openai.com/v1'),
  OPENAI_TIMEOUT: decimal(0.1, 3600, 'seconds', 'Longest attempt at the remote backend, also at DeepSeek').default(20),
  OPENAI_FIRST_TOKEN_TIMEOUT: decimal(0.1, 3600, 'seconds', 'Longest wait for its first token').default(10),
  OPENAI_IDLE_TIMEOUT: decimal(0.1, 3600, 'seconds', 'Longest silence within its stream').default(15),
  OPENAI_MAX_CONCURRENT: integer(1, 10_000, 'requests', 'Requests at once to the remote backend').default(64),
  DEEPSEEK_API_KEY: secret('Key of DeepSeek, the first backend of the route reasoning. Unset: not configured').optional(),
  DEEPSEEK_MODEL: text('Model of DeepSeek', 'a model name').default('deepseek-flash'),
  DEEPSEEK_BASE_URL: url('Address of DeepSeek').default('https://api.deepseek.com'),
  HF_ENDPOINT: url('Where models are pulled from: Hugging Face, or a mirror of it').default('https://huggingface.co'),
  HF_TOKEN: secret('Token for gated models. Sent to HF_ENDPOINT alone').optional(),

  LOG_LEVEL: z.string().trim().toUpperCase().pipe(z.enum(logLevels))
    .meta({ description: 'Least severe log level, in any letter case', expected: `one of ${logLevels.join(', ')}` }).default('INFO'),
  LOG_INFERENCE_TIME: flag('The time of each attempt in the log line of a request. HERMES_LOG_INFERENCE_TIME is an accepted second name').default(true),
  LOG_PROMPTS: flag('Prompts and answers in the log. They are private: leave it off').default(false),

  OTEL_EXPORTER_OTLP_ENDPOINT: url('Address of an OpenTelemetry collector that takes OTLP over HTTP, for example http://127.0.0.1:4318. Unset: nothing is traced').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().trim().refine((value) => listOf(value).every((pair) => /^[^\s=]+ *=/.test(pair)))
    .meta({ description: 'Headers for the collector, comma separated name=value pairs, for example its key', expected: 'name=value pairs, comma separated', secret: true }).optional(),
  OTEL_SERVICE_NAME: text('Name of this service in traces', 'a name').default('switch'),
  SWITCH_TRACE_CONTENT: flag('Prompts and answers in traces. They are private: leave it off').default(false)
})

/** The whole configuration, frozen. Keys are the variables' own names; times are seconds, sizes are in the unit of the name. */
export type Config = Readonly<z.output<typeof configSchema>>

/** The JSON schema of the configuration, for @fastify/env. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, {
    io: 'output',
    target: 'draft-7',
    // Ajv's strict mode refuses keywords and formats that it does not know.
    override: ({ jsonSchema }) => {
      for (const keyword of ['expected', 'secret', 'format']) delete jsonSchema[keyword]
    }
  })
}

export type VariableName = keyof z.output<typeof configSchema>

/** Description, accepted values and secrecy of one variable. */
export function factsOf(name: VariableName): VariableFacts {
  return innermost(configSchema.shape[name]).meta() as VariableFacts
}

/** The default of a variable as it would stand in .env, or undefined when there is none. */
export function defaultOf(name: VariableName): string | undefined {
  const value = configSchema.shape[name].safeParse(undefined).data
  return value === undefined ? undefined : String(value)
}

export const variableNames = Object.keys(configSchema.shape) as VariableName[]

function innermost(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? innermost(schema.unwrap() as z.ZodType) : schema
}
