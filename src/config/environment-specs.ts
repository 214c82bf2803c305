// The backends that variables make: openai, deepseek, hermes and hermes-fallback.
import { unlimited } from '../backends/unlimited.ts'
import { engineOptions } from './engine-options.ts'
import { abilitiesAt } from './openai-abilities.ts'
import { listOf } from './schema.ts'
import type { Config } from './schema.ts'
import type { LlamaCppSpec, OllamaSpec, OpenAiSpec } from './specs.ts'

/** The names that exist without a file, configured or not. */
export const environmentNames = ['openai', 'deepseek', 'hermes', 'hermes-fallback'] as const

/** What SWITCH_ROUTE takes where `names` are known. */
export function orderOf(names: readonly string[]): string {
  return `a comma-separated order of ${names.join(', ')}, each at most once`
}

/** What is known before a model file is chosen for it. */
export type UnchosenSpec = OpenAiSpec | OllamaSpec | Omit<LlamaCppSpec, 'choice' | 'wanted'> & { readonly model: string }

/** The Ollama model that stands for HERMES_MODEL_NAME=auto. */
const ollamaDefault = 'hermes3:3b'

/** Those that the environment asks for. */
export function environmentBackends(config: Config): UnchosenSpec[] {
  return [
    ...config.OPENAI_API_KEY === undefined ? [] : [openai(config, config.OPENAI_API_KEY)],
    ...config.DEEPSEEK_API_KEY === undefined ? [] : [deepseek(config, config.DEEPSEEK_API_KEY)],
    ...config.HERMES_ENABLE ? [hermes(config, 'hermes', config.HERMES_MODEL_NAME)] : [],
    // Behind hermes, so that hermes is the first to reserve memory.
    ...hasFallback(config) ? [hermes(config, 'hermes-fallback', config.HERMES_FALLBACK_MODEL)] : []
  ]
}

/** SWITCH_ROUTE with the second local model directly behind the first, unless it is named already. */
export function environmentOrder(config: Config): string[] {
  const names = listOf(config.SWITCH_ROUTE)
  if (!hasFallback(config) || names.includes('hermes-fallback')) return names
  return names.flatMap((name) => name === 'hermes' ? [name, 'hermes-fallback'] : [name])
}

function hasFallback(config: Config): config is Config & { HERMES_FALLBACK_MODEL: string } {
  return config.HERMES_ENABLE && config.HERMES_FALLBACK_MODEL !== undefined
}

function openai(config: Config, apiKey: string): OpenAiSpec {
  return {
    ...remote(config), name: 'openai', apiKey, organisation: config.OPENAI_ORG_ID, baseUrl: config.OPENAI_BASE_URL, model: config.OPENAI_MODEL,
    embeddingModel: config.OPENAI_EMBEDDING_MODEL,
    capabilities: { contextLength: undefined, tools: true, jsonSchema: true, ...abilitiesAt(config.OPENAI_BASE_URL) }, thinkingStyle: 'none'
  }
}

function deepseek(config: Config, apiKey: string): OpenAiSpec {
  return {
    ...remote(config), name: 'deepseek', apiKey, organisation: undefined, baseUrl: config.DEEPSEEK_BASE_URL, model: config.DEEPSEEK_MODEL,
    // It takes a JSON schema for tools only.
    capabilities: { contextLength: undefined, tools: true, jsonSchema: false, ...abilitiesAt(config.DEEPSEEK_BASE_URL) }, thinkingStyle: 'deepseek'
  }
}

function remote(config: Config): Pick<OpenAiSpec, 'type' | 'limits' | 'maxConcurrent'> {
  return {
    type: 'openai',
    limits: { timeoutMs: config.OPENAI_TIMEOUT * 1000, firstTokenMs: config.OPENAI_FIRST_TOKEN_TIMEOUT * 1000, idleMs: config.OPENAI_IDLE_TIMEOUT * 1000 },
    maxConcurrent: config.OPENAI_MAX_CONCURRENT
  }
}

function hermes(config: Config, name: string, model: string): UnchosenSpec {
  const common = { name, contextLength: config.HERMES_CONTEXT_LENGTH, maxTokens: config.HERMES_MAX_TOKENS, temperature: config.HERMES_TEMPERATURE, maxConcurrent: config.HERMES_MAX_CONCURRENT, keepAliveSeconds: config.HERMES_KEEP_ALIVE }
  if (config.HERMES_FRAMEWORK === 'llama-cpp') return { ...common, type: 'llama-cpp', model, isolation: config.HERMES_ISOLATION, engine: engineOptions(config) }
  return {
    ...common, type: 'ollama', source: 'local_hermes', baseUrl: config.OLLAMA_BASE_URL, model: model === 'auto' ? ollamaDefault : model,
    limits: unlimited
  }
}
