// From an entry of the YAML file to the backend to build: seconds become milliseconds, HERMES_* fills what is open.
import type { AttemptLimits } from '../backends/backend.ts'
import { engineOptions } from './engine-options.ts'
import type { UnchosenSpec } from './environment-specs.ts'
import type { BackendEntry, LlamaCppEntry, OllamaEntry, OpenAiEntry } from './file-schema.ts'
import { abilitiesAt } from './openai-abilities.ts'
import type { Config } from './schema.ts'
import type { OpenAiSpec } from './specs.ts'

/** The backend `name` that `entry` describes. */
export function specOfEntry(name: string, entry: BackendEntry, config: Config): UnchosenSpec {
  switch (entry.type) {
    case 'openai': return openAiSpec(name, entry)
    case 'ollama': return { type: 'ollama', source: name, ...local(name, entry, config), baseUrl: entry.base_url, model: entry.model, embeddingModel: entry.embedding_model, keepAliveSeconds: entry.keep_alive ?? -1, limits: limitsOf(entry), maxConcurrent: entry.max_concurrent }
    case 'llama-cpp': return { type: 'llama-cpp', ...local(name, entry, config), model: entry.model, keepAliveSeconds: entry.keep_alive ?? config.HERMES_KEEP_ALIVE, isolation: config.HERMES_ISOLATION, maxConcurrent: entry.max_concurrent ?? config.HERMES_MAX_CONCURRENT, engine: engineOptions(config, entry) }
  }
}

function openAiSpec(name: string, entry: OpenAiEntry): UnchosenSpec {
  return {
    type: 'openai', name, baseUrl: entry.base_url, apiKey: entry.api_key, organisation: entry.organisation, model: entry.model,
    limits: limitsOf(entry), maxConcurrent: entry.max_concurrent,
    embeddingModel: entry.embedding_model, capabilities: capabilitiesOf(entry),
    thinkingStyle: new URL(entry.base_url).hostname === 'api.deepseek.com' ? 'deepseek' : 'none'
  }
}

function capabilitiesOf(entry: OpenAiEntry): OpenAiSpec['capabilities'] {
  const usual = abilitiesAt(entry.base_url)
  return {
    contextLength: entry.context_length, tools: entry.tools, jsonSchema: entry.json_schema, logprobs: entry.logprobs,
    vision: entry.vision ?? usual.vision, rawPrompt: entry.completions ?? usual.rawPrompt
  }
}

function local(name: string, entry: OllamaEntry | LlamaCppEntry, config: Config) {
  return {
    name,
    contextLength: entry.context_length ?? config.HERMES_CONTEXT_LENGTH,
    maxTokens: entry.max_tokens ?? config.HERMES_MAX_TOKENS,
    temperature: entry.temperature ?? config.HERMES_TEMPERATURE
  }
}

function limitsOf(entry: OpenAiEntry | OllamaEntry): AttemptLimits {
  const milliseconds = (seconds: number | undefined) => seconds === undefined ? undefined : seconds * 1000
  return { timeoutMs: milliseconds(entry.timeout), firstTokenMs: milliseconds(entry.first_token_timeout), idleMs: milliseconds(entry.idle_timeout) }
}
