// How a model writes calls of functions and thoughts: what its chat template, or the format of its family, says.
import type { ChatWrapper, LlamaModel, LlamaText } from 'node-llama-cpp'
import { HermesChatWrapper } from './hermes-chat.ts'
import { plain } from './plain-text.ts'

/** The texts around a call: opening, name, `paramsPrefix`, arguments, suffix; between two calls `between`. */
export type CallFormat = {
  /** Text up to the name of the first call. */
  readonly opening: string
  /** The beginning of the opening that no other text has. */
  readonly marker: string
  /** Text up to the name of each further call. */
  readonly between: string
  /** May name the function as `{{functionName}}`. */
  readonly paramsPrefix: string
  readonly suffix: string
}

export type ThoughtFormat = {
  /** Without the white space around them: what a thought begins and ends with. */
  readonly open: string
  readonly close: string
  /** With the white space that models write around them. */
  readonly opening: string
  readonly closing: string
  /** True when each answer of the model begins with a thought. */
  readonly isUsual: boolean
}

export type ChatFormat = { readonly calls: CallFormat, readonly thought: ThoughtFormat | undefined }

/** node-llama-cpp's own syntax, for templates that know no calls. */
const genericPrefix = '||call: '

/** A wrapper that knows calls: ChatML models whose template knows none get the format of Hermes. */
export function withCalls(wrapper: ChatWrapper, template: string): ChatWrapper {
  const isChatMl = wrapper.wrapperName === 'ChatML' || template.includes('<|im_start|>')
  return isChatMl && plain(wrapper.settings.functions.call.prefix) === genericPrefix ? new HermesChatWrapper() : wrapper
}

export function chatFormatOf({ settings }: ChatWrapper, template: string, model: LlamaModel): ChatFormat {
  const { call, parallelism } = settings.functions
  const prefix = plain(call.prefix)
  const opening = (plain(parallelism?.call.sectionPrefix ?? '') + prefix).trimStart()
  return {
    calls: {
      opening, marker: /^\S+/.exec(opening)?.[0] ?? '', between: plain(parallelism?.call.betweenCalls ?? '') + prefix,
      paramsPrefix: plain(call.paramsPrefix), suffix: withoutEnd(plain(call.suffix), model)
    },
    thought: thoughtFormatOf(settings, template)
  }
}

function thoughtFormatOf({ segments }: ChatWrapper['settings'], template: string): ThoughtFormat | undefined {
  const thought = segments?.thought
  const isUsual = (thought?.openOnResponseStart ?? false) || /assistant\\n<think>/.test(template)
  const isText = thought !== undefined && !('type' in Object(thought.prefix))
  if (isText && thought.suffix !== undefined) return thoughtBetween(plain(thought.prefix as string | LlamaText), plain(thought.suffix), isUsual)
  return template.includes('<think>') ? thoughtBetween('<think>\n', '\n</think>', isUsual) : undefined
}

function thoughtBetween(prefix: string, suffix: string, isUsual: boolean): ThoughtFormat {
  return { open: prefix.trim(), close: suffix.trim(), opening: prefix, closing: `${suffix}\n\n`, isUsual }
}

/** A token that ends the answer cannot be written as text. */
function withoutEnd(text: string, model: LlamaModel): string {
  const tokens = model.tokenize(text, true)
  const end = tokens.findIndex((token) => model.isEogToken(token))
  return end === -1 ? text : model.detokenize(tokens.slice(0, end), true)
}
