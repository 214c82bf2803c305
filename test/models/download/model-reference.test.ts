// Which names of models are understood, and what is said of the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCatalogue } from '../../../src/models/catalogue.ts'
import { readReference } from '../../../src/models/download/model-reference.ts'
import { sourceInRepository, sourceOfEntry } from '../../../src/models/download/source.ts'

const catalogue = readCatalogue()
const endpoint = new URL('http://mirror:8080/hub')
const read = (name: string) => readReference(name, catalogue, endpoint)

test('an id of the catalogue is its entry, and switch-tiny is there already', () => {
  for (const entry of catalogue.models) assert.deepEqual(read(entry.id), { kind: 'entry', entry })
  assert.deepEqual(read('switch-tiny'), { kind: 'embedded' })
})

for (const prefix of ['', 'hf.co/', 'https://hf.co/', 'huggingface.co/', 'https://huggingface.co/']) {
  test(`${prefix}owner/name is a file or a quantisation of a repository`, () => {
    assert.deepEqual(read(`${prefix}Qwen/Qwen3-0.6B-GGUF:Qwen3-0.6B-Q8_0.gguf`), { kind: 'file', repo: 'Qwen/Qwen3-0.6B-GGUF', path: 'Qwen3-0.6B-Q8_0.gguf' })
    assert.deepEqual(read(`${prefix}Qwen/Qwen3-0.6B-GGUF:folder/Qwen3-Q8_0.gguf`), { kind: 'file', repo: 'Qwen/Qwen3-0.6B-GGUF', path: 'folder/Qwen3-Q8_0.gguf' })
    assert.deepEqual(read(`${prefix}Qwen/Qwen3-0.6B-GGUF:Q8_0`), { kind: 'quantisation', repo: 'Qwen/Qwen3-0.6B-GGUF', quantisation: 'Q8_0' })
  })
}

test('an address keeps the name of its file, and that of a page becomes that of the file', () => {
  assert.deepEqual(read('https://example.com/a/My%20Model.gguf?download=true'), { kind: 'address', url: new URL('https://example.com/a/My%20Model.gguf?download=true'), file: 'My Model.gguf' })
  assert.deepEqual(read('https://huggingface.co/o/n/blob/main/m.gguf'), { kind: 'address', url: new URL('https://huggingface.co/o/n/resolve/main/m.gguf'), file: 'm.gguf' })
  assert.equal(read('http://mirror:8080/x/m.gguf').kind, 'address')
})

for (const [name, reason] of [
  ['hermes-9b', /The catalogue has hermes-3b-q4/],
  ['', /The catalogue has/],
  ['owner/name', /Say which file/],
  ['owner/name:', /Say which file/],
  ['owner/name:../../etc/passwd.gguf', /Say which file/],
  ['owner/name:a/../b.gguf', /Say which file/],
  ['owner/name:/b.gguf', /Say which file/],
  ['owner/name:.hidden.gguf', /Say which file/],
  ['../name:b.gguf', /names no model/],
  ['https://example.com/model.bin', /must end in the name of a \.gguf file/],
  ['https://example.com/..%2Fm.gguf', /must end in/],
  ['https://example.com/%E0%A4%A.gguf', /must end in/],
  ['http://example.com/m.gguf', /https:\/\//],
  ['https://user:secret@example.com/m.gguf', /user or a password/],
  ['file:///etc/m.gguf', /names no model/]
] as const) {
  test(`${JSON.stringify(name)} is refused with advice`, () => {
    assert.throws(() => read(name), (error: Error & { code: string }) => {
      assert.equal(error.code, 'SWITCH_MODEL_UNKNOWN')
      assert.match(error.message, reason)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })
}

test('files lie below the endpoint, whose own path is kept', () => {
  assert.equal(sourceInRepository({ repo: 'o/n', path: 'f/m.gguf' }, endpoint).url.href, 'http://mirror:8080/hub/o/n/resolve/main/f/m.gguf')
  assert.equal(sourceInRepository({ repo: 'o/n', path: 'f/m.gguf' }, endpoint).file, 'm.gguf')
})

test('a rounded size of the catalogue is never a reason to refuse a file', () => {
  const entry = catalogue.models.find((model) => model.size_is_approximate)!
  assert.equal(sourceOfEntry(entry, endpoint).bytes, undefined)
  assert.equal(sourceOfEntry({ ...entry, size_is_approximate: false, size_bytes: 7 }, endpoint).bytes, 7)
})
