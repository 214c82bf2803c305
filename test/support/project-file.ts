// Files of the project's root, as tests of packaging read them.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url))

export function readProjectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** @param T what the caller trusts the file to hold */
export function readProjectYaml<T>(path: string): T {
  return parse(readProjectFile(path)) as T
}
