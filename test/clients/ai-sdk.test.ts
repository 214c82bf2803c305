import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, generateObject, generateText, streamText, tool } from 'ai'
import { z } from 'zod'
import { listen, ready } from '../support/service.ts'

test('the AI SDK, unmodified', async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const provider = createOpenAICompatible({ name: 'switch', baseURL: `${url}/v1`, apiKey: 'secret', includeUsage: true, supportsStructuredOutputs: true })
  const model = provider('default')

  await t.test('generateText', async () => {
    const { text, finishReason, usage } = await generateText({ model, prompt: 'What is the capital of France?', temperature: 0 })
    assert.equal(text, 'The capital of France is Paris.')
    assert.equal(finishReason, 'stop')
    assert.equal(usage.outputTokens, 11)
  })

  await t.test('streamText', async () => {
    const { textStream, finishReason, usage } = streamText({ model, prompt: 'Count from 1 to 90.', temperature: 0 })
    const parts: string[] = []
    for await (const part of textStream) parts.push(part)
    assert.equal(parts.join(''), Array.from({ length: 90 }, (_, index) => index + 1).join(', '))
    // The first token goes at once; how many pieces follow depends on the machine.
    assert.equal(parts[0], '1')
    assert.ok(parts.length > 1)
    assert.equal(await finishReason, 'stop')
    assert.ok((await usage).outputTokens! > 3)
  })

  await t.test('generateObject', async () => {
    const schema = z.object({ city: z.string().max(20), population: z.number().int().min(0).max(9_999_999) })
    const { object } = await generateObject({ model, schema, prompt: 'Paris', temperature: 0 })
    assert.ok(schema.safeParse(object).success, JSON.stringify(object))
  })

  await t.test('tools, called and answered', async () => {
    const asked: unknown[] = []
    const weather = tool({
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.enum(['Paris', 'Madrid']) }),
      execute: async (input) => {
        asked.push(input)
        return { sky: 'clear' }
      }
    })
    const { toolCalls } = await generateText({ model, prompt: 'How is the weather in Paris?', tools: { weather }, toolChoice: 'required', temperature: 0 })
    assert.equal(toolCalls[0]!.toolName, 'weather')
    assert.equal(asked.length, toolCalls.length)
    assert.match((asked[0] as { city: string }).city, /^(Paris|Madrid)$/)
  })

  await t.test('an error is told as one that is not to be tried again', async () => {
    await assert.rejects(generateText({ model: provider('gpt-unknown'), prompt: 'Hi', maxRetries: 0 }), (error: APICallError) => {
      assert.equal(error.statusCode, 404)
      assert.equal(error.isRetryable, false)
      return error.message.includes('gpt-unknown')
    })
  })
})
