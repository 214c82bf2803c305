// Switch as its users run it: `switch serve` in a process of its own, between a caller and an upstream.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, spawnNode, until } from './child.ts'

export type SwitchProcess = { readonly url: string, readonly pid: number, stop(): Promise<void> }

export type SwitchOptions = {
  /** Base URL of the openai backend, ending in /v1. Undefined: there is no remote backend. */
  readonly upstream?: string
  /** True: a local model stands behind it, the embedded one unless `env` names another. False: there is nothing behind it. */
  readonly hasLocalModel: boolean
  readonly env?: NodeJS.ProcessEnv
  readonly nodeArgs?: readonly string[]
}

const launcher = fileURLToPath(new URL('../../bin/switch.js', import.meta.url))

/** Resolves when it answers, and when its model is loaded. */
export async function startSwitch({ upstream, hasLocalModel, env = {}, nodeArgs = [] }: SwitchOptions): Promise<SwitchProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'switch-bench-'))
  const port = await freePort()
  const child = spawnNode([...nodeArgs, launcher, 'serve'], {
    PORT: String(port), LOG_LEVEL: 'fatal', HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache'),
    OPENAI_API_KEY: upstream && 'x', OPENAI_BASE_URL: upstream,
    HERMES_ENABLE: String(hasLocalModel), HERMES_MODEL_NAME: 'switch-tiny', ...env
  })
  const url = `http://127.0.0.1:${port}`
  await until(child, 'Switch', async () => (await fetch(`${url}${hasLocalModel ? '/switch/health' : '/health'}`)).ok)
  return {
    url,
    pid: child.pid!,
    stop: async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/**
 * The same server under an address that Switch takes for a remote one, as it would be in use: of a local backend it
 * thinks that there is nothing to keep time back for. Linux connects 0.0.0.0 to loopback.
 */
export function asRemote(url: string): string {
  return url.replace('//127.0.0.1:', '//0.0.0.0:')
}

/** Below those that Linux gives to outgoing connections, of which a benchmark opens many: none takes it before its server does. */
export async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, '127.0.0.1', resolve) })
  } catch {
    return freePort()
  }
  await new Promise((resolve) => { server.close(resolve) })
  return port
}
