// GET /v1/models: the names that `model` may have.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBackend } from '../../support/backends.ts'
import { build } from '../../support/service.ts'
import { envelopeOf } from './support.ts'

const names = ['default', 'fast', 'reasoning', 'local', 'hermes', 'hermes/fake-model']

test('the list has every route, backend and backend/model', async (t) => {
  const { object, data } = (await (await build(t)).inject('/v1/models')).json()
  assert.equal(object, 'list')
  assert.deepEqual(data.map(({ id }: { id: string }) => id), names)
  for (const { created, ...model } of data) {
    assert.ok(Number.isInteger(created) && created > 1_700_000_000)
    assert.deepEqual(model, { id: model.id, object: 'model', owned_by: 'switch' })
  }
})

test('each of them can be asked for alone, with its slash bare or escaped', async (t) => {
  const app = await build(t)
  for (const name of names) assert.equal((await app.inject(`/v1/models/${name}`)).json().id, name)
  assert.equal((await app.inject('/v1/models/hermes%2Ffake-model')).json().id, 'hermes/fake-model')
})

test('a backend that takes any model has any', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ name: 'any', state: { status: 'ready', model: '*' } })] })
  assert.equal((await app.inject('/v1/models/any/gpt-x')).json().id, 'any/gpt-x')
})

test('an unknown model is a 404 that lists what there is', async (t) => {
  const error = envelopeOf(await (await build(t)).inject('/v1/models/gpt-4o'), 404, 'model_not_found')
  assert.equal(error.param, 'model')
  assert.match(error.message, /hermes\/fake-model/)
})
