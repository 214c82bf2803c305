// The version of Switch, from package.json.
import { readFileSync } from 'node:fs'

/** For example "0.1.0". */
export function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version as string
}
