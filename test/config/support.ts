// Configuration files of tests: real ones, in folders of their own.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ConfigError } from '../../src/config/problem.ts'
import type { ConfigProblem } from '../../src/config/problem.ts'
import { temporaryFolder } from '../support/service.ts'

/** Writes `text` to a new switch.yaml and returns its path. */
export function yamlFile(t: TestContext, text: string | Uint8Array): string {
  const path = join(temporaryFolder(t), 'switch.yaml')
  writeFileSync(path, text)
  return path
}

/** The ConfigError that `load` throws. */
export async function refusalOf(load: () => Promise<unknown>): Promise<ConfigError> {
  try {
    await load()
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error
  }
  assert.fail('nothing was refused')
}

/** Its problems. */
export async function problemsOf(load: () => Promise<unknown>): Promise<readonly ConfigProblem[]> {
  return (await refusalOf(load)).problems
}
