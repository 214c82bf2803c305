// switch-tiny as it ships, except that it cannot say what ends an answer: every answer has the length that was asked for.
import { readFile, writeFile } from 'node:fs/promises'
import { readGgufFileInfo } from 'node-llama-cpp'
import { isSpeakable, readVocabulary, tinyPath } from './vocabulary.ts'

const float16Bytes = 2

/** Its output is the embedding: a row of zeros gives the score 0, and another token always has more. */
export async function writeEndlessTiny(path: string): Promise<void> {
  const [bytes, vocabulary, { tensorInfo }] = await Promise.all([readFile(tinyPath), readVocabulary(), readGgufFileInfo(tinyPath, { logWarnings: false })])
  const embedding = tensorInfo!.find(({ name }) => name === 'token_embd.weight')!
  const rowBytes = Number(embedding.dimensions[0]) * float16Bytes
  const start = Number(embedding.fileOffset)
  vocabulary.tokens.forEach((_, id) => {
    if (!isSpeakable(vocabulary, id)) bytes.fill(0, start + id * rowBytes, start + (id + 1) * rowBytes)
  })
  await writeFile(path, bytes)
}
