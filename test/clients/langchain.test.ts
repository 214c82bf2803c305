import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'
import { listen, ready } from '../support/service.ts'

test('LangChain.js, unmodified', async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const model = new ChatOpenAI({ model: 'default', temperature: 0, apiKey: 'secret', maxRetries: 0, configuration: { baseURL: `${url}/v1` } })

  await t.test('invoke', async () => {
    const { content, usage_metadata: usage } = await model.invoke('What is the capital of France?')
    assert.equal(content, 'The capital of France is Paris.')
    assert.equal((usage as { output_tokens: number } | undefined)?.output_tokens, 11)
  })

  await t.test('stream', async () => {
    const parts: string[] = []
    for await (const chunk of await model.stream('Count from 1 to 90.')) parts.push(chunk.content as string)
    assert.equal(parts.join(''), Array.from({ length: 90 }, (_, index) => index + 1).join(', '))
    // The first token goes at once; how many pieces follow depends on the machine.
    assert.equal(parts.find((part) => part !== ''), '1')
    assert.ok(parts.filter((part) => part !== '').length > 1)
  })

  for (const method of ['jsonSchema', 'functionCalling'] as const) {
    await t.test(`withStructuredOutput by ${method}`, async () => {
      const schema = z.object({ city: z.string().max(20), isCapital: z.boolean() })
      const answer = await model.withStructuredOutput(schema, { name: 'place', method }).invoke('Paris')
      assert.ok(schema.safeParse(answer).success, JSON.stringify(answer))
    })
  }
})
