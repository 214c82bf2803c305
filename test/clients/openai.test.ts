import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { listen, ready } from '../support/service.ts'

test('the openai package, unmodified', async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 0 })
  const question = { model: 'default', temperature: 0, messages: [{ role: 'user' as const, content: 'What is the capital of France?' }] }

  await t.test('chat', async () => {
    const { choices, usage, object, id } = await client.chat.completions.create(question)
    assert.deepEqual([object, choices[0]!.message.content, choices[0]!.finish_reason], ['chat.completion', 'The capital of France is Paris.', 'stop'])
    assert.deepEqual([usage!.prompt_tokens, usage!.completion_tokens, usage!.total_tokens], [22, 11, 33])
    assert.match(id, /^chatcmpl-/)
  })

  await t.test('stream, with usage', async () => {
    const stream = await client.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), 'The capital of France is Paris.')
    assert.equal(chunks.at(-1)!.usage!.completion_tokens, 11)
  })

  await t.test('the stream helper, whose checks are the strictest', async () => {
    const final = await client.chat.completions.stream(question).finalChatCompletion()
    assert.equal(final.choices[0]!.message.content, 'The capital of France is Paris.')
  })

  await t.test('a tool is called, and its result goes back', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Paris', 'Madrid'] } }, required: ['city'], additionalProperties: false } } }]
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'How is the weather in Paris?' }]
    const { choices: [choice] } = await client.chat.completions.create({ model: 'default', temperature: 0, messages, tools, tool_choice: 'required' })
    assert.equal(choice!.finish_reason, 'tool_calls')
    const [call] = choice!.message.tool_calls!
    assert.equal(call!.type, 'function')
    if (call!.type !== 'function') return
    assert.match((JSON.parse(call!.function.arguments) as { city: string }).city, /^(Paris|Madrid)$/)
    const answer = await client.chat.completions.create({ model: 'default', temperature: 0, messages: [...messages, choice!.message, { role: 'tool', tool_call_id: call!.id, content: 'clear sky' }], tools, tool_choice: 'none' })
    assert.ok(answer.choices[0]!.message.content!.length > 0)
    const streamed = await client.chat.completions.stream({ model: 'default', temperature: 0, messages, tools, tool_choice: 'required' }).finalChatCompletion()
    assert.equal(streamed.choices[0]!.message.tool_calls![0]!.type, 'function')
  })

  await t.test('a schema is kept to, and parsed', async () => {
    const Country = z.object({ name: z.string().max(20), capital: z.string().max(20), isLarge: z.boolean() })
    const { choices } = await client.chat.completions.parse({ ...question, response_format: zodResponseFormat(Country, 'country') })
    assert.ok(Country.safeParse(choices[0]!.message.parsed).success)
  })

  await t.test('responses, and one that goes on from another', async () => {
    const first = await client.responses.create({ model: 'default', input: 'What is the capital of France?', temperature: 0 })
    assert.equal(first.output_text, 'The capital of France is Paris.')
    const second = await client.responses.create({ model: 'default', input: 'And of Spain?', previous_response_id: first.id, temperature: 0 })
    assert.match(second.output_text, /Madrid/)
    const streamed = await client.responses.stream({ model: 'default', input: 'What is the capital of France?', temperature: 0 }).finalResponse()
    assert.equal(streamed.output_text, 'The capital of France is Paris.')
  })

  await t.test('the models there are', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    assert.ok(['default', 'local', 'hermes'].every((name) => ids.includes(name)), `${ids}`)
    assert.equal((await client.models.retrieve('default')).id, 'default')
    await assert.rejects(client.models.retrieve('gpt-unknown'), NotFoundError)
  })

  await t.test('errors come as the client\'s own classes', async () => {
    await assert.rejects(client.embeddings.create({ model: 'default', input: 'Hi' }), (error: BadRequestError) => error instanceof BadRequestError && /embedding/.test(error.message))
    await assert.rejects(client.chat.completions.create({ ...question, n: 2 }), (error: BadRequestError) => error instanceof BadRequestError && error.param === 'n')
    await assert.rejects(client.chat.completions.create({ ...question, model: 'gpt-unknown' }), (error: NotFoundError) => error instanceof NotFoundError && error.code === 'model_not_found')
    await assert.rejects(client.chat.completions.create({ ...question, messages: [{ role: 'user', content: 'word '.repeat(3000) }] }), (error: BadRequestError) => error instanceof BadRequestError && error.code === 'context_length_exceeded')
    await assert.rejects(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list(), AuthenticationError)
  })

  await t.test('a caller who breaks off gives the slot back', async () => {
    for await (const chunk of await client.chat.completions.create({ ...question, messages: [{ role: 'user', content: 'Count from 1 to 90.' }], stream: true })) {
      if (chunk.choices[0]?.delta.content) break
    }
    assert.equal((await client.chat.completions.create(question)).choices[0]!.message.content, 'The capital of France is Paris.')
  })
})
