// The body of POST /api/chat.
import type { InferenceRequest, Tool } from '../../inference/request.ts'
import { generationBody } from './generation-body.ts'
import type { Abilities, GenerationBody } from './generation-body.ts'
import { wireMessages } from './messages.ts'
import type { WireMessage } from './messages.ts'
import type { OllamaServer } from './server.ts'
import { commonBody } from './settings.ts'
import type { OllamaSettings } from './settings.ts'

export type ChatBody = GenerationBody & { messages: readonly WireMessage[], tools?: readonly Tool[] }

/**
 * Asks for an answer.
 * @throws BackendError rejected when Ollama cannot take a message
 */
export function chatBody(request: InferenceRequest, settings: OllamaSettings, server: OllamaServer, abilities: Abilities): ChatBody {
  const tools = offeredTools(request)
  return { ...generationBody(request, settings, abilities), messages: wireMessages(request.messages, server), ...(tools.length > 0 && { tools }) }
}

/** Loads the model and answers nothing: Ollama takes a chat without messages so. */
export function loadBody(settings: OllamaSettings): ChatBody {
  return { ...commonBody(settings), messages: [], stream: false, options: { num_ctx: settings.contextLength } }
}

/** Ends the model's stay in memory, once the requests that it answers are done. */
export function unloadBody(settings: OllamaSettings): ChatBody {
  return { ...loadBody(settings), keep_alive: 0 }
}

/** Ollama knows no tool_choice: "none" offers no tool, a named function is offered alone, "required" can only be hoped for. */
function offeredTools({ tools = [], toolChoice }: InferenceRequest): Tool[] {
  if (toolChoice === 'none') return []
  const name = typeof toolChoice === 'object' ? toolChoice.name : undefined
  return tools.filter((tool) => name === undefined || tool.function.name === name).map(withParameters)
}

/** Ollama reads the parameters into a typed struct, and templates expect one. */
function withParameters(tool: Tool): Tool {
  return { ...tool, function: { ...tool.function, parameters: tool.function.parameters ?? { type: 'object', properties: {} } } }
}
