// npm run bench:start: cold start to the first answer, and idle memory. Bare Node in the same run is the reference.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const rounds = Number(process.argv[2] ?? 7)
const launcher = fileURLToPath(new URL('../bin/switch.js', import.meta.url))
const seedRequest = { prompt: 'What is the capital of France?', context_length: 1024, max_tokens: 256, temperature: 0.7, timeout_seconds: 30 }

type Round = { answerMs: number, bareNodeMs: number, serverMb: number, engineMb: number }

const results: Round[] = []
for (let round = 0; round < rounds; round++) results.push(await measure(8600 + round))

console.log(`rounds: ${rounds}, Node ${process.versions.node}; minimum / median / maximum`)
print('process start to last byte of the first answer, ms', results.map(({ answerMs }) => answerMs))
print('the same for bare `node -e 0`, ms', results.map(({ bareNodeMs }) => bareNodeMs))
print('ratio of the two', results.map(({ answerMs, bareNodeMs }) => answerMs / bareNodeMs))
print('idle memory of the server process, MB (RSS)', results.map(({ serverMb }) => serverMb))
print('idle memory of the engine process, MB (RSS)', results.map(({ engineMb }) => engineMb))

async function measure(port: number): Promise<Round> {
  const bareStart = performance.now()
  execFileSync(process.execPath, ['-e', '0'])
  const bareNodeMs = performance.now() - bareStart
  const start = performance.now()
  const server = spawn(process.execPath, [launcher, 'serve'], { env: { ...process.env, PORT: String(port), LOG_LEVEL: 'error' }, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const { response } = await firstAnswer(`http://127.0.0.1:${port}/switch/infer`)
    const answerMs = performance.now() - start
    if (response !== 'The capital of France is Paris.') throw new Error(`unexpected answer: ${response}`)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    return { answerMs, bareNodeMs, serverMb: rssMb(server.pid!), engineMb: rssMb(childOf(server.pid!)) }
  } finally {
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('exit', resolve))
  }
}

/** Asks until somebody listens. */
async function firstAnswer(url: string): Promise<{ response: string }> {
  while (true) {
    try {
      const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(seedRequest) })
      return await response.json() as { response: string }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

function childOf(pid: number): number {
  const child = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && statusOf(Number(entry), 'PPid') === pid)
  return Number(child)
}

function rssMb(pid: number): number {
  return statusOf(pid, 'VmRSS') * 1024 / 1e6
}

function statusOf(pid: number, field: string): number {
  try {
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

function print(what: string, values: number[]): void {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, middle, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!]
  const digits = middle < 100 ? 1 : 0
  console.log(`  ${what}: ${least.toFixed(digits)} / ${middle.toFixed(digits)} / ${most.toFixed(digits)}`)
}
