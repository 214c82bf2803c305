// The embedded model with another chat template.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { embeddedModel } from './engine.ts'
import { temporaryFolder } from './service.ts'

/** A ChatML template that knows thoughts. `opening`: what it opens the assistant's turn with. */
export function thinkingTemplate(opening = ''): string {
  return `{% for m in messages %}{{'<|im_start|>'+m['role']+'\\n'+m['content']+'<|im_end|>\\n'}}{% endfor %}{{'<|im_start|>assistant\\n${opening}'}}{#<think>#}`
}

/** Writes it to a new file and returns its path. The template may not be longer than the model's own, whose place it takes. */
export function modelWithTemplate(t: TestContext, template: string): string {
  const bytes = readFileSync(embeddedModel)
  const key = Buffer.from('tokenizer.chat_template')
  // The key is followed by the type of the value and its length.
  const lengthAt = bytes.indexOf(key) + key.length + 4
  const room = Number(bytes.readBigUInt64LE(lengthAt))
  if (template.length > room) throw new Error(`the template has ${template.length} bytes, ${room} fit`)
  bytes.write(template.padEnd(room, ' '), lengthAt + 8)
  const path = join(temporaryFolder(t), 'templated.gguf')
  writeFileSync(path, bytes)
  return path
}
