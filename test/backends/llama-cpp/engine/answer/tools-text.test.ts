import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LlamaText, QwenChatWrapper } from 'node-llama-cpp'
import { CallText } from '../../../../../src/backends/llama-cpp/engine/answer/call-text.ts'
import type { CallFormat } from '../../../../../src/backends/llama-cpp/engine/prompt/chat-format.ts'
import { HermesChatWrapper } from '../../../../../src/backends/llama-cpp/engine/prompt/hermes-chat.ts'
import { functionsOf, historyOf } from '../../../../../src/backends/llama-cpp/engine/prompt/history.ts'
import { plain } from '../../../../../src/backends/llama-cpp/engine/prompt/plain-text.ts'
import type { Message } from '../../../../../src/inference/request.ts'

const hermes: CallFormat = { opening: '<tool_call>\n{"name": "', marker: '<tool_call>', between: '\n<tool_call>\n{"name": "', paramsPrefix: '", "arguments": ', suffix: '}\n</tool_call>' }
const said = '\n{"name": "get", "arguments": {"a": "}\\"{", "b": [{}]}}\n</tool_call>\n<tool_call>\n{"name": "get_all", "arguments": {}}\n</tool_call>'

test('calls are complete and in order, wherever their text is cut', () => {
  for (let length = 1; length <= said.length; length++) {
    const text = new CallText(hermes, ['get', 'get_all'])
    const pieces = Array.from({ length: Math.ceil(said.length / length) }, (_, index) => said.slice(index * length, (index + 1) * length))
    const calls = pieces.flatMap((piece) => text.push(piece))
    assert.deepEqual(calls.map(({ name, arguments: json }) => [name, json]), [['get', '{"a": "}\\"{", "b": [{}]}'], ['get_all', '{}']])
  }
})

test('half a call is none', () => {
  assert.deepEqual(new CallText(hermes, ['get']).push(said.slice(0, said.indexOf('</tool_call>'))), [])
})

const conversation: Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Weather in Paris and Rome?' },
  { role: 'assistant', content: 'I look.', toolCalls: [{ id: '1', name: 'get', arguments: '{"city":"Paris"}' }, { id: '2', name: 'get', arguments: '{"city":"Rome"}' }] },
  { role: 'tool', toolCallId: '2', content: 'rain' },
  { role: 'tool', toolCallId: '1', content: '{"sky":"clear"}' }
]

function rendered(messages: readonly Message[], wrapper = new HermesChatWrapper()): string {
  return plain(LlamaText(wrapper.generateContextState({ chatHistory: historyOf(messages) }).contextText))
}

test('the format of Hermes: calls in tags, their results in a turn of their own', () => {
  assert.equal(rendered(conversation), `<|im_start|>system
Be brief.<|im_end|>
<|im_start|>user
Weather in Paris and Rome?<|im_end|>
<|im_start|>assistant
I look.<tool_call>
{"name": "get", "arguments": {"city": "Paris"}}
</tool_call>
<tool_call>
{"name": "get", "arguments": {"city": "Rome"}}
</tool_call><|im_end|>
<|im_start|>tool
<tool_response>
{"name": "get", "content": {"sky": "clear"}}
</tool_response>
<tool_response>
{"name": "get", "content": "rain"}
</tool_response><|im_end|>
<|im_start|>assistant
`)
})

test('a second round of calls, an answer and a new question follow in their own turns', () => {
  const text = rendered([...conversation, { role: 'assistant', content: '', toolCalls: [{ id: '3', name: 'get', arguments: '{}' }] }, { role: 'tool', toolCallId: '3', content: '7' }, { role: 'assistant', content: 'Fine.' }, { role: 'user', content: 'Thanks' }])
  assert.match(text, /<\|im_start\|>assistant\n<tool_call>\n\{"name": "get", "arguments": \{\}\}\n<\/tool_call><\|im_end\|>\n<\|im_start\|>tool\n<tool_response>\n\{"name": "get", "content": 7\}/)
  assert.ok(text.endsWith('<|im_start|>assistant\nFine.<|im_end|>\n<|im_start|>user\nThanks<|im_end|>\n<|im_start|>assistant\n'))
})

test('tools are listed in the system turn as they were given', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const { contextText } = new HermesChatWrapper().generateContextState({
    chatHistory: historyOf([{ role: 'user', content: 'Hi' }]), availableFunctions: functionsOf([{ type: 'function', function: { name: 'get', description: 'Gets', parameters } }, { type: 'function', function: { name: 'now' } }])
  })
  const [, list] = /<tools>\n([^]*)\n<\/tools>/.exec(plain(contextText))!
  assert.deepEqual(list!.split('\n').map((line) => JSON.parse(line)), [
    { type: 'function', function: { name: 'get', description: 'Gets', parameters } },
    { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {}, additionalProperties: false } } }
  ])
})

test('other templates get the same conversation in their own words', () => {
  const text = rendered(conversation, new QwenChatWrapper() as never)
  assert.match(text, /<\|im_start\|>user\n<tool_response>\n\{"sky": "clear"\}\n<\/tool_response>/)
  assert.ok(text.endsWith('<|im_start|>assistant\n'))
})
