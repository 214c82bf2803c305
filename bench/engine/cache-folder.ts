// Where the benchmark keeps what is made once: generated models and the programs of llama.cpp.
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** SWITCH_BENCH_DIR, else a folder in the user's cache; it is made when it is not there. */
export function cacheFolder(...parts: readonly string[]): string {
  const root = process.env['SWITCH_BENCH_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vx11-switch-bench')
  const folder = resolve(root, ...parts)
  mkdirSync(folder, { recursive: true })
  return folder
}
