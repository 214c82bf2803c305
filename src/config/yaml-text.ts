// From the path of a YAML file to plain values, or to everything that keeps it from being YAML.
import { readFile, stat } from 'node:fs/promises'
import { ConfigError } from './problem.ts'
import type { ConfigProblem } from './problem.ts'
import type { Plain } from './references.ts'

const maxBytes = 1024 * 1024

/** @throws ConfigError when the file is missing, too large, unreadable or no YAML */
export async function readYaml(path: string): Promise<Plain> {
  return parseYaml(await readText(path), path)
}

async function readText(path: string): Promise<string> {
  const refuse = (received: string): never => {
    throw new ConfigError([{ name: path, expected: 'a readable YAML file in UTF-8 of at most 1 MiB', received }])
  }
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => refuse(error.code === 'ENOENT' ? 'no such file' : error.code ?? error.message))
  if (!facts.isFile()) refuse(facts.isDirectory() ? 'a folder' : 'no regular file')
  if (facts.size > maxBytes) refuse(`${(facts.size / maxBytes).toFixed(1)} MiB`)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => refuse(error.code ?? error.message))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('bytes that are no UTF-8')
  }
}

/** @throws ConfigError with line and column of each problem; it quotes no value, because any may be a secret */
async function parseYaml(text: string, path: string): Promise<Plain> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lineCounter = new LineCounter()
  const problemAt = (offset: number, expected: string, received: string): ConfigProblem => {
    const { line, col } = lineCounter.linePos(offset)
    return { name: `${path}:${line}:${col}`, expected, received }
  }
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false })
    const found = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0])
    const problems = found.map(({ code, message, pos: [offset] }) => {
      if (code === 'DUPLICATE_KEY') return problemAt(offset, 'each name once', `a second ${keyAt(text, offset)}`)
      if (code === 'MULTIPLE_DOCS') return problemAt(offset, 'one YAML document', 'a second one')
      return problemAt(offset, 'YAML', withoutContent(message))
    })
    if (problems.length > 0) throw new ConfigError(problems)
    return document.toJS({ maxAliasCount: 100 }) as Plain
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError([{ name: path, expected: 'YAML of moderate depth whose aliases lead somewhere', received: withoutContent((error as Error).message) }])
  }
}

function keyAt(text: string, offset: number): string {
  return /^["']?([\w.-]{1,64})/.exec(text.slice(offset, offset + 70))?.[1] ?? 'key'
}

/** What yaml says after a colon is taken from the file. */
function withoutContent(message: string): string {
  return message.replace(/: .*$/s, '')
}
