import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sample } from 'fast-check'
import { grammarOfSchema, jsonGrammar } from '../../../../../src/backends/llama-cpp/engine/json-grammar/grammar-of-schema.ts'
import { schemaProblems } from '../../../../../src/inference/json-schema/schema-problems.ts'
import { parseAndValidate } from '../../../../../src/inference/json-schema/validation.ts'
import { compileValidator } from '../../../../../src/inference/json-schema/validator.ts'
import { GrammarModel } from '../../../../support/json-grammar.ts'
import { randomSchemas } from '../../../../support/random-schemas.ts'

const maxTokens = 1500

let model: GrammarModel
before(async () => { model = await GrammarModel.load() })
after(() => model.llama.dispose())

test('of 200 random schemas every answer ends, parses and fits', async () => {
  const schemas = sample(randomSchemas, { numRuns: 200, seed: 20261122 })
  for (const [seed, schema] of schemas.entries()) {
    const told = `of ${JSON.stringify(schema)}`
    assert.deepEqual(schemaProblems(schema), [], told)
    const { grammar, unchecked } = grammarOfSchema(schema)
    assert.deepEqual(unchecked, [], told)
    const { text, hasEnded } = await model.answer(grammar, { temperature: seed % 2, seed, maxTokens })
    assert.ok(hasEnded, `no end ${told}: ${text}`)
    assert.equal(compileValidator(schema)(JSON.parse(text)), undefined, `${text} ${told}`)
  }
})

test('any object ends and parses', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const { text, hasEnded } = await model.answer(jsonGrammar, { temperature: 1, seed, maxTokens })
    assert.ok(hasEnded, text)
    assert.equal(parseAndValidate(text, { type: 'json_object' }), undefined, text)
  }
})

test('a schema without any bounds still ends', async () => {
  const schema = { type: 'object', properties: { title: { type: 'string' }, score: { type: 'number' }, count: { type: 'integer' } }, required: ['title', 'score', 'count'] }
  for (const seed of [1, 2]) {
    const { text, hasEnded } = await model.answer(grammarOfSchema(schema).grammar, { temperature: 1, seed, maxTokens })
    assert.ok(hasEnded, text)
    assert.equal(compileValidator(schema)(JSON.parse(text)), undefined, text)
  }
})
