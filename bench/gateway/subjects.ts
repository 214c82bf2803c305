// What is measured in the role of a proxy: a bare one, Switch, and a peer where it is installed.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { end, forkBench, spawnNode, until } from '../support/child.ts'
import { freePort, startSwitch } from '../support/switch-process.ts'
import { callFor } from './caller.ts'
import type { Call } from './caller.ts'

export type Subject = {
  readonly name: string
  readonly pid: number
  readonly url: string
  /** False: every streamed request fails. */
  readonly canStream: boolean
  call(isStreamed: boolean): Call
  stop(): Promise<void>
}

const prompt = 'Count to sixty-four.'
const messages = [{ role: 'user', content: prompt }]
const peerFile = fileURLToPath(new URL('../peers/node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url))

export async function startBare(upstream: string): Promise<Subject> {
  const { child, ready } = await forkBench<{ url: string }>('gateway/bare-proxy.ts', [upstream])
  return { name: 'bare undici', pid: child.pid!, url: ready.url, canStream: true, call: (isStreamed) => chat('/', isStreamed), stop: () => end(child) }
}

export async function startSwitchSubject(upstream: string, nodeArgs: readonly string[] = []): Promise<Subject> {
  const { url, pid, stop } = await startSwitch({ upstream, hasLocalModel: false, nodeArgs })
  const call = (stream: boolean): Call => ({ path: '/switch/infer', headers: {}, body: JSON.stringify({ prompt, stream }), has: '"finish_reason":"stop"' })
  return { name: 'Switch', pid, url, canStream: true, call, stop }
}

/** Undefined, with the reason printed, where it is not installed. */
export async function startPortkey(upstream: string): Promise<Subject | undefined> {
  if (!existsSync(peerFile)) {
    console.log('@portkey-ai/gateway is left out: it is not installed (npm ci --prefix bench/peers)')
    return undefined
  }
  const port = await freePort()
  const child = spawnNode([peerFile, `--port=${port}`, '--headless'], { NODE_ENV: 'production' }, 'ignore')
  const url = `http://127.0.0.1:${port}`
  await until(child, '@portkey-ai/gateway', async () => (await fetch(url)).ok)
  const headers = { 'authorization': 'Bearer x', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstream }
  const call = (isStreamed: boolean) => chat('/v1/chat/completions', isStreamed, headers)
  return { name: '@portkey-ai/gateway', pid: child.pid!, url, canStream: await canStream(url, call(true)), call, stop: () => end(child) }
}

/** Release 1.15.2 answers 500 to streams: https://github.com/Portkey-AI/gateway/issues/1389 */
async function canStream(url: string, call: Call): Promise<boolean> {
  try {
    await callFor(url, call, { concurrency: 1, ms: 1 })
    return true
  } catch (error) {
    console.log(`@portkey-ai/gateway is left out where answers are streamed: ${(error as Error).message}`)
    return false
  }
}

function chat(path: string, stream: boolean, headers: Record<string, string> = {}): Call {
  return { path, headers, body: JSON.stringify({ model: 'fast', messages, stream }), has: stream ? '[DONE]' : '"finish_reason":"stop"' }
}
