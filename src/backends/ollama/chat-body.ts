// The body of POST /api/chat. What decides how Ollama starts a model is the same in every request: another value would reload it.
import type { InferenceRequest, ResponseFormat, Tool } from '../../inference/request.ts'

export type OllamaSettings = {
  /** Ollama's name of the model, with or without a tag. */
  readonly model: string
  /** Tokens of prompt and answer together; the model is loaded with it. */
  readonly contextLength: number
  /** Tokens of an answer: the default and the bound. */
  readonly maxTokens: number
  /** For requests that name none. */
  readonly temperature: number
  /** Seconds that an idle model stays loaded; -1 for ever, 0 not at all. */
  readonly keepAliveSeconds: number
}

type ChatOptions = { num_ctx: number, num_predict?: number, temperature?: number, top_p?: number, seed?: number, stop?: readonly string[] }

export type ChatBody = {
  model: string
  messages: readonly { role: string, content: string }[]
  stream: boolean
  /** Both false: a prompt that is too long is refused and a full context ends the answer, instead of dropping text in silence. */
  truncate: false
  shift: false
  think?: boolean
  /** A number: as a string it would need a unit. */
  keep_alive: number
  options: ChatOptions
  format?: 'json' | Record<string, unknown>
  tools?: readonly Tool[]
}

/** Asks for an answer. A smaller context length of the request is not sent: it would reload the model. */
export function chatBody(request: InferenceRequest, settings: OllamaSettings): ChatBody {
  const tools = offeredTools(request)
  return {
    ...commonBody(settings),
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    think: request.thinking ?? false,
    options: chatOptions(request, settings),
    ...(request.responseFormat && { format: formatOf(request.responseFormat) }),
    ...(tools.length > 0 && { tools })
  }
}

/** Loads the model and answers nothing: Ollama takes a chat without messages so. */
export function loadBody(settings: OllamaSettings): ChatBody {
  return { ...commonBody(settings), messages: [], stream: false, options: { num_ctx: settings.contextLength } }
}

function commonBody({ model, keepAliveSeconds }: OllamaSettings): Pick<ChatBody, 'model' | 'truncate' | 'shift' | 'keep_alive'> {
  return { model, truncate: false, shift: false, keep_alive: keepAliveSeconds }
}

function chatOptions(request: InferenceRequest, settings: OllamaSettings): ChatOptions {
  return {
    num_ctx: settings.contextLength,
    // 0 would mean without bound.
    num_predict: Math.max(1, Math.min(request.maxTokens ?? settings.maxTokens, settings.maxTokens)),
    temperature: request.temperature ?? settings.temperature,
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.stop.length > 0 && { stop: request.stop })
  }
}

function formatOf(format: ResponseFormat): 'json' | Record<string, unknown> {
  return format.type === 'json_schema' && format.json_schema.schema !== undefined ? format.json_schema.schema : 'json'
}

/** Ollama knows no tool_choice: "none" offers no tool, a named function is offered alone, "required" can only be hoped for. */
function offeredTools({ tools = [], toolChoice }: InferenceRequest): Tool[] {
  if (toolChoice === 'none') return []
  const name = (toolChoice as { function?: { name?: unknown } } | null | undefined)?.function?.name
  return tools.filter((tool) => name === undefined || tool.function.name === name).map(withParameters)
}

/** Ollama reads the parameters into a typed struct, and templates expect one. */
function withParameters(tool: Tool): Tool {
  return { ...tool, function: { ...tool.function, parameters: tool.function.parameters ?? { type: 'object', properties: {} } } }
}
