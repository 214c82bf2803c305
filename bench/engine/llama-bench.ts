// llama.cpp's own benchmark: the speed of a model with nothing around it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { BenchModel } from './models.ts'

const run = promisify(execFile)

/** Tokens per second of evaluating a prompt of this length. */
export function promptRate(program: string, model: BenchModel, tokens: number): Promise<number> {
  return rate(program, model, ['-p', String(tokens), '-n', '0'])
}

/** Tokens per second of decoding this many after a prompt of `depth` tokens. */
export function decodeRate(program: string, model: BenchModel, tokens: number, depth: number): Promise<number> {
  return rate(program, model, ['-p', '0', '-n', String(tokens), '-d', String(depth)])
}

async function rate(program: string, { path, threads }: BenchModel, what: readonly string[]): Promise<number> {
  const { stdout } = await run(program, ['-m', path, ...what, '-r', '1', '-t', String(threads), '-o', 'json'])
  const [result] = JSON.parse(stdout) as { avg_ts: number }[]
  return result!.avg_ts
}
