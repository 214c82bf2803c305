// What is to be built, whoever asked for it: backends and routes as plain data, from the environment and the YAML file.
import type { AttemptLimits, Capabilities } from '../backends/backend.ts'
import type { EngineOptions } from '../backends/llama-cpp/protocol.ts'
import { ollamaServer } from '../backends/ollama/server.ts'
import type { ChooseOptions, ModelChoice } from '../models/choose.ts'
import { isLoopbackUrl } from './loopback.ts'

type CommonSpec = {
  /** The name in routes, receipts and logs. */
  readonly name: string
  /** Requests at once, 1 or more. */
  readonly maxConcurrent: number
}

/** Any server that speaks OpenAI's wire format. */
export type OpenAiSpec = CommonSpec & {
  readonly type: 'openai'
  readonly baseUrl: string
  readonly apiKey: string | undefined
  readonly organisation: string | undefined
  readonly model: string
  readonly limits: AttemptLimits
  /** Of its vectors; absent: it makes none, unless `model` is `*`. */
  readonly embeddingModel?: string | undefined
  readonly capabilities: Omit<Capabilities, 'prefill'>
  /** How thinking is asked for and comes back. */
  readonly thinkingStyle: 'deepseek' | 'none'
}

export type OllamaSpec = CommonSpec & {
  readonly type: 'ollama'
  /** What answers carry as `source`. */
  readonly source: string
  readonly baseUrl: string
  readonly model: string
  /** Of its vectors; absent: `model` is asked for them. */
  readonly embeddingModel?: string | undefined
  /** Tokens of prompt and answer together. */
  readonly contextLength: number
  readonly maxTokens: number
  readonly temperature: number
  /** Seconds an idle model stays in Ollama's memory; -1 for ever. */
  readonly keepAliveSeconds: number
  readonly limits: AttemptLimits
}

/** A GGUF model in Switch's own engine. */
export type LlamaCppSpec = CommonSpec & {
  readonly type: 'llama-cpp'
  /** The file to load, or why there is none. Part of the spec, so that a reload notices a model that has come since. */
  readonly choice: ModelChoice
  /** What `choice` was made from, so that it can be made anew when a model has come. */
  readonly wanted: Omit<ChooseOptions, 'catalogue'>
  readonly contextLength: number
  readonly maxTokens: number
  readonly temperature: number
  /** Seconds an idle model stays loaded; -1 for ever. */
  readonly keepAliveSeconds: number
  readonly isolation: 'process' | 'none'
  readonly engine: EngineOptions
}

export type BackendSpec = OpenAiSpec | OllamaSpec | LlamaCppSpec

/** A named order of backends. */
export type RouteSpec = {
  readonly name: string
  /** Names of backends that there are, each once. May be empty. */
  readonly backends: readonly string[]
  /** Names that were asked for and are not configured. */
  readonly leftOut: readonly string[]
  /** True when its prompts never leave the machine: all its backends are local. */
  readonly isPrivate: boolean
}

/** Everything the registry builds. Names are unique; every backend of a route is among the backends. */
export type Specs = {
  readonly backends: readonly BackendSpec[]
  readonly routes: readonly RouteSpec[]
}

/** What the built backend will say as `isLocal`: the own engine, an Ollama on the operator's machines, another server on this machine. */
export function isLocalSpec(spec: BackendSpec): boolean {
  switch (spec.type) {
    case 'llama-cpp': return true
    case 'ollama': return ollamaServer(spec.name, spec.model, spec.baseUrl).isLocal
    case 'openai': return isLoopbackUrl(spec.baseUrl)
  }
}

/** The model that would answer. */
export function modelOf(spec: BackendSpec): string {
  return spec.type === 'llama-cpp' ? spec.choice.name : spec.model
}
