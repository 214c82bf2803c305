// Settings that were given and change nothing, because another one rules them out.
import type { Environment } from '../config/load.ts'
import { defaultOf } from '../config/schema.ts'
import type { Config, VariableName } from '../config/schema.ts'

type Rule = { readonly names: readonly VariableName[], readonly why: string, readonly isIdle: (config: Config, isContainer: boolean) => boolean }

const ofEngine = [
  'HERMES_THREADS', 'HERMES_GPU', 'HERMES_KV_CACHE', 'HERMES_FLASH_ATTENTION', 'HERMES_DETERMINISTIC', 'HERMES_MMAP', 'HERMES_LORA', 'HERMES_WARM_PROMPT',
  'HERMES_SPECULATION', 'HERMES_PROMPT_CACHE_MB', 'HERMES_ISOLATION', 'HERMES_MAX_MEMORY_MB'
] as const

/** With a YAML file nothing is said of the settings that its backends may take over or refer to. */
const rules: readonly Rule[] = [
  { names: ['OPENAI_MODEL', 'OPENAI_BASE_URL', 'OPENAI_ORG_ID', 'OPENAI_EMBEDDING_MODEL'], why: 'OPENAI_API_KEY is not set', isIdle: ({ OPENAI_API_KEY, SWITCH_CONFIG }) => OPENAI_API_KEY === undefined && SWITCH_CONFIG === undefined },
  { names: ['DEEPSEEK_MODEL', 'DEEPSEEK_BASE_URL'], why: 'DEEPSEEK_API_KEY is not set', isIdle: ({ DEEPSEEK_API_KEY, SWITCH_CONFIG }) => DEEPSEEK_API_KEY === undefined && SWITCH_CONFIG === undefined },
  { names: ofEngine, why: 'HERMES_FRAMEWORK is ollama, which has its own engine', isIdle: ({ HERMES_FRAMEWORK, HERMES_ENABLE, SWITCH_CONFIG }) => HERMES_FRAMEWORK === 'ollama' && HERMES_ENABLE && SWITCH_CONFIG === undefined },
  { names: [...ofEngine, 'HERMES_MODEL_NAME', 'HERMES_FALLBACK_MODEL', 'HERMES_KEEP_ALIVE'], why: 'HERMES_ENABLE is false', isIdle: ({ HERMES_ENABLE, SWITCH_CONFIG }) => !HERMES_ENABLE && SWITCH_CONFIG === undefined },
  // The compose file always sets it.
  { names: ['OLLAMA_BASE_URL'], why: 'HERMES_FRAMEWORK is llama-cpp; set it to ollama to use that server', isIdle: ({ HERMES_FRAMEWORK, SWITCH_CONFIG }, isContainer) => HERMES_FRAMEWORK === 'llama-cpp' && SWITCH_CONFIG === undefined && !isContainer },
  { names: ['SWITCH_TRACE_CONTENT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_SERVICE_NAME'], why: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set', isIdle: ({ OTEL_EXPORTER_OTLP_ENDPOINT }) => OTEL_EXPORTER_OTLP_ENDPOINT === undefined },
  { names: ['HERMES_FLASH_ATTENTION'], why: 'HERMES_DETERMINISTIC turns it off', isIdle: ({ HERMES_DETERMINISTIC }) => HERMES_DETERMINISTIC }
]

export type IdleSetting = { readonly name: VariableName, readonly why: string }

/** What says no more than the default is not among them. */
export function idleSettings(environment: Environment, config: Config, isContainer: boolean): IdleSetting[] {
  const given = (name: VariableName) => Boolean(environment[name]?.trim()) && environment[name]!.trim() !== defaultOf(name)
  return rules.filter(({ isIdle }) => isIdle(config, isContainer)).flatMap(({ names, why }) => names.filter(given).map((name) => ({ name, why })))
}
