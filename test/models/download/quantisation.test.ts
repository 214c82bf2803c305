// OWNER/REPOSITORY:QUANTISATION: the file is found in the hub's own list.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCatalogue } from '../../../src/models/catalogue.ts'
import { HubPuller } from '../../../src/models/download/hub-puller.ts'
import type { ModelMirror } from '../../support/model-mirror.ts'
import { filesIn, mirrorFor, tinyModel, tinySha256 } from '../../support/pulls.ts'
import { silentLogger, temporaryFolder } from '../../support/service.ts'

function pull(mirror: ModelMirror, name: string, folder: string) {
  const puller = new HubPuller({ catalogue: readCatalogue(), folder, endpoint: new URL(mirror.url), token: undefined, log: silentLogger, retry: { firstMs: 1 } })
  return puller.pull(name, { signal: new AbortController().signal, onProgress: () => undefined })
}

test('the file that ends in the quantisation is pulled, whatever its letter case, and no other', async (t) => {
  const files = Object.fromEntries(['Model-IQ4_K_M.gguf', 'deep/Model.q4_k_m.gguf', 'README.md', 'Model-Q2_K.gguf'].map((name) => [`owner/Model-GGUF/${name}`, tinyModel]))
  const mirror = await mirrorFor(t, { files, failures: [503] })
  const folder = temporaryFolder(t)
  const { model, sha256 } = await pull(mirror, 'hf.co/owner/Model-GGUF:Q4_K_M', folder)
  assert.deepEqual({ model, sha256 }, { model: 'Model.q4_k_m.gguf', sha256: tinySha256 })
  assert.deepEqual(filesIn(folder), ['Model.q4_k_m.gguf'])
})

test('a quantisation that is not there is a 404 that lists those that are', async (t) => {
  const mirror = await mirrorFor(t, { files: { 'owner/Model-GGUF/Model-Q2_K.gguf': tinyModel } })
  await assert.rejects(pull(mirror, 'owner/Model-GGUF:Q8_0', temporaryFolder(t)), { code: 'SWITCH_DOWNLOAD_NOT_FOUND', message: /no file that ends in Q8_0\.gguf\. It has Model-Q2_K\.gguf/ })
  await assert.rejects(pull(mirror, 'owner/Other:Q8_0', temporaryFolder(t)), { code: 'SWITCH_DOWNLOAD_NOT_FOUND', message: /It has no GGUF file/ })
})

test('switch-tiny is there without asking anybody', async (t) => {
  const mirror = await mirrorFor(t)
  const { was_present, sha256 } = await pull(mirror, 'switch-tiny', temporaryFolder(t))
  assert.deepEqual({ was_present, sha256 }, { was_present: true, sha256: tinySha256 })
  assert.equal(mirror.requests.length, 0)
})
