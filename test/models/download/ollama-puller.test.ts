// Pulling through Ollama: its lines become progress, and its errors, which come with status 200, become errors.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { readCatalogue } from '../../../src/models/catalogue.ts'
import { OllamaPuller } from '../../../src/models/download/ollama-puller.ts'
import type { PullProgress } from '../../../src/models/download/progress.ts'

type Line = Record<string, unknown>

const catalogue = readCatalogue()
const layer = (digest: string, total: number, completed?: number): Line => ({ status: `pulling ${digest}`, digest, total, ...(completed !== undefined && { completed }) })
const success: Line[] = [{ status: 'verifying sha256 digest' }, { status: 'writing manifest' }, { status: 'success' }]

/** An Ollama whose pulls say `lines`. */
async function ollama(t: TestContext, lines: readonly Line[]) {
  const asked: unknown[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push({ path: request.url, body: await json(request) })
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
  const server = createServer((request, response) => void answer(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => { server.close(); server.closeAllConnections() })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function pull(url: string, name: string) {
  const progress: PullProgress[] = []
  const result = new OllamaPuller({ catalogue, baseUrl: url }).pull(name, { signal: new AbortController().signal, onProgress: (step) => progress.push(step) })
  return { progress, result }
}

test('an id of the catalogue is pulled by its name in Ollama, layers add up', async (t) => {
  const entry = catalogue.models.find(({ ollama: reference }) => reference !== null)!
  const { asked, url } = await ollama(t, [{ status: 'pulling manifest' }, layer('sha256:a', 1000), layer('sha256:a', 1000, 600), layer('sha256:b', 10, 10), layer('sha256:a', 1000, 1000), ...success])
  const { progress, result } = pull(url, entry.id)
  assert.deepEqual(await result, { model: entry.id, bytes: 1010, sha256: null, was_present: false })
  assert.deepEqual(asked, [{ path: '/api/pull', body: { model: entry.ollama, stream: true } }])
  assert.deepEqual([...new Set(progress.map(({ status }) => status))], ['resolving', 'downloading', 'verifying', 'done'])
  assert.deepEqual([progress.at(-1)!.downloaded_bytes, progress.at(-1)!.total_bytes], [1010, 1010])
})

test('a model of which every layer is whole at first sight was there', async (t) => {
  const { url } = await ollama(t, [{ status: 'pulling manifest' }, layer('sha256:a', 1000, 1000), ...success])
  assert.equal((await pull(url, 'hermes3:3b').result).was_present, true)
})

for (const [what, lines, code, message] of [
  ['a name that its registry does not know', [{ status: 'pulling manifest' }, { error: 'pull model manifest: file does not exist' }], 'SWITCH_DOWNLOAD_NOT_FOUND', /Ollama knows no model no:such/],
  ['any other error', [{ error: 'max retries exceeded' }], 'SWITCH_DOWNLOAD_FAILED', /max retries exceeded/],
  ['an end without success', [layer('sha256:a', 1000, 500)], 'SWITCH_DOWNLOAD_FAILED', /stopped before/],
  ['no line at all', [], 'SWITCH_DOWNLOAD_FAILED', /stopped before/]
] as const) {
  test(`${what} is no success`, async (t) => {
    await assert.rejects(pull((await ollama(t, lines)).url, 'no:such').result, { code, message })
  })
}

test('an Ollama that is not there is said with what to do', async () => {
  await assert.rejects(pull('http://127.0.0.1:9', 'hermes3:3b').result, { code: 'SWITCH_DOWNLOAD_FAILED', message: /Start it with "ollama serve", or set OLLAMA_BASE_URL/ })
})

test('a model that Ollama cannot have, and a name that it cannot read, are told before it is asked', () => {
  const puller = new OllamaPuller({ catalogue: { ...catalogue, models: [{ ...catalogue.models[0]!, id: 'only-here', ollama: null }] }, baseUrl: 'http://127.0.0.1:9' })
  assert.throws(() => puller.keyOf('only-here'), { code: 'SWITCH_MODEL_UNKNOWN', message: /HERMES_FRAMEWORK=llama-cpp/ })
  assert.throws(() => puller.keyOf('../x'), { code: 'SWITCH_MODEL_UNKNOWN' })
  assert.equal(puller.keyOf('hf.co/owner/name-GGUF:Q4_0'), 'hf.co/owner/name-GGUF:Q4_0')
})
