// `switch models` as tests run it: in a process of its own, over folders of copies of the embedded model.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import type { FolderConfiguration } from '../../src/models/folder-configuration.ts'
import { temporaryFolder } from './service.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type Outcome = { code: number | null, stdout: string, stderr: string }

/** Runs it with `args` where nobody can be asked. Nothing listens at the port unless `env` names one. */
export async function models(t: TestContext, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [main, 'models', ...args], { cwd: temporaryFolder(t), env: { PATH: process.env['PATH'], PORT: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>])
  return { code, stdout, stderr }
}

/** A new folder with copies of the embedded model under these names. */
export function folderWith(t: TestContext, ...files: string[]): string {
  const folder = temporaryFolder(t)
  for (const file of files) copyFileSync(embeddedModelPath(readCatalogue()), join(folder, file))
  return folder
}

export function configurationOf(folder: string): FolderConfiguration {
  return JSON.parse(readFileSync(join(folder, '.config.json'), 'utf8'))
}
