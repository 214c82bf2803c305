// The prompt format of Hermes models: ChatML with tools in the system turn, calls in tags, and results in a turn of their own.
import { ChatMLChatWrapper, LlamaText, SpecialTokensText } from 'node-llama-cpp'
import type { ChatModelFunctions, ChatWrapperSettings } from 'node-llama-cpp'

const callSchema = {
  title: 'FunctionCall', type: 'object', required: ['name', 'arguments'],
  properties: { name: { title: 'Name', type: 'string' }, arguments: { title: 'Arguments', type: 'object' } }
}

/** Also for ChatML models whose template knows no tools: it is the format that most of them have seen. */
export class HermesChatWrapper extends ChatMLChatWrapper {
  override readonly wrapperName = 'ChatML'
  override readonly settings: ChatWrapperSettings = {
    supportsSystemMessages: true,
    functions: {
      call: {
        optionalPrefixSpace: true,
        prefix: LlamaText([new SpecialTokensText('<tool_call>'), '\n{"name": "']),
        paramsPrefix: '", "arguments": ',
        suffix: LlamaText(['}\n', new SpecialTokensText('</tool_call>')]),
        emptyCallParamsPlaceholder: {}
      },
      result: {
        prefix: LlamaText([new SpecialTokensText('<tool_response>'), '\n{"name": "{{functionName}}", "content": ']),
        suffix: LlamaText(['}\n', new SpecialTokensText('</tool_response>')])
      },
      parallelism: {
        call: { sectionPrefix: '', betweenCalls: '\n', sectionSuffix: LlamaText(new SpecialTokensText('<|im_end|>\n')) },
        result: {
          sectionPrefix: LlamaText(new SpecialTokensText('<|im_start|>tool\n')),
          betweenResults: '\n',
          sectionSuffix: LlamaText(new SpecialTokensText('<|im_end|>\n<|im_start|>assistant\n'))
        }
      }
    }
  }

  override generateAvailableFunctionsSystemText(functions: ChatModelFunctions): LlamaText {
    const tools = Object.entries(functions).map(([name, { description, params }]) => JSON.stringify({ type: 'function', function: { name, ...description !== undefined && { description }, parameters: params } }))
    return LlamaText([
      'You are a function calling AI model. You are provided with function signatures within <tools></tools> XML tags. You may call one or more functions to assist with the user query. ',
      'Don\'t make assumptions about what values to plug into functions. Here are the available tools: <tools>\n', tools.join('\n'), '\n</tools>\n',
      'Use the following pydantic model json schema for each tool call you will make: ', JSON.stringify(callSchema), '\n',
      'For each function call return a json object with function name and arguments within <tool_call></tool_call> XML tags as follows:\n',
      '<tool_call>\n{"name": <function-name>, "arguments": <args-dict>}\n</tool_call>'
    ])
  }
}
