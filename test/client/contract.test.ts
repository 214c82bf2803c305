import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Attempt, InferAnswer, InferRequest } from 'vx11-switch/client'
import type { z } from 'zod'
import type { inferAnswerSchema } from '../../src/openapi/schemas/infer.ts'
import type { inferBodySchema } from '../../src/routes/infer-schema.ts'

type Extends<A extends B, B> = A
type Body = z.input<typeof inferBodySchema>
type Answer = z.output<typeof inferAnswerSchema>

/** Compiled, never run: what the client declares is what the service reads and writes, field by field. */
export type Agreements = [
  Extends<InferRequest, Body>,
  Extends<Exclude<keyof Body, 'stream'>, keyof InferRequest>,
  Extends<keyof InferRequest, Exclude<keyof Body, 'stream'>>,
  Extends<Answer, InferAnswer>,
  Extends<keyof InferAnswer, keyof Answer>,
  Extends<keyof Attempt, keyof Answer['attempts'][number]>
]

test('the client is what its declarations say, as the compiler sees it', () => {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc')
  const project = fileURLToPath(new URL('../../src/client', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', project, '--noEmit'], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
