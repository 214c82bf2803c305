// npm run page: builds the operator's page into src/page/built/. What it writes is committed, so that a start needs no build.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'

/** @param folder where it is written; what was in it is gone */
export async function buildPage(folder: string): Promise<void> {
  const configFile = fileURLToPath(new URL('../src/page/vite.config.ts', import.meta.url))
  await build({ configFile, mode: 'production', logLevel: 'warn', build: { outDir: resolve(folder) } })
}

if (import.meta.main) {
  const { values: { into } } = parseArgs({ options: { into: { type: 'string', default: fileURLToPath(new URL('../src/page/built/', import.meta.url)) } } })
  await buildPage(into)
}
