// npm run page:screenshots: pictures of the operator's page for docs/images/, of a real Switch with a scripted upstream.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import type { Browser } from 'playwright-core'
import { loadConfig } from '../src/config/load.ts'
import { startFakeUpstream } from '../src/drill/fake-upstream/server.ts'
import type { FakeUpstream } from '../src/drill/fake-upstream/server.ts'
import { startServer } from '../src/server.ts'
import { launchBrowser, noBrowser } from '../test/page/chromium.ts'

const images = fileURLToPath(new URL('../docs/images/', import.meta.url))
const questions = ['What is the capital of France?', 'What is the capital of Japan?', 'What is the opposite of hot?', 'Name a colour.', 'What is two plus three?']

const shots = [
  { name: 'page-light', colorScheme: 'light', width: 1280, height: 1240 },
  { name: 'page-dark', colorScheme: 'dark', width: 1280, height: 1240 },
  { name: 'page-360', colorScheme: 'light', width: 360, height: 1500 }
] as const

/** Requests of each second in turn, so that the charts look as those of a service do. */
const load = [1, 2, 1, 3, 0, 2, 4, 1]

/** Mostly well, then a stream that is cut, then an outage that opens the breaker. */
async function live(url: string, upstream: FakeUpstream, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    if (second === Math.round(seconds * 0.6)) await upstream.script({ fault: 'cut', times: 1 }, 'none')
    if (second === Math.round(seconds * 0.8)) await upstream.setFault('status-503')
    const asked = Array.from({ length: load[second % load.length]! }, (_, index) => ask(url, bodyOf(second + index)))
    await Promise.all([...asked, sleep(1000)])
  }
}

/** Now and then one that wants this backend and no other. */
function bodyOf(number: number): object {
  const model = number % 9 === 4 ? { model: 'local' } : number % 9 === 7 ? { model: 'openai' } : {}
  return { prompt: questions[number % questions.length], max_tokens: 60, stream: number % 2 === 0, ...model }
}

async function ask(url: string, body: object): Promise<void> {
  const reply = await fetch(`${url}/switch/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  await reply.text()
}

async function shoot(browser: Browser, url: string, folder: string, only: string | undefined): Promise<void> {
  for (const { name, colorScheme, width, height } of shots.filter((shot) => only === undefined || shot.name === only)) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })
    await page.goto(url)
    await page.getByLabel('Prompt', { exact: true }).fill('What is the capital of France?')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByRole('status').filter({ hasText: ' answered in ' }).waitFor()
    await page.evaluate('scrollTo(0, 0)')
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await page.close()
  }
}

async function main(): Promise<void> {
  const { values: { seconds, into, only } } = parseArgs({ options: { seconds: { type: 'string', default: '120' }, into: { type: 'string', default: images }, only: { type: 'string' } } })
  if (noBrowser) throw new Error(noBrowser)
  const folder = await mkdtemp(join(tmpdir(), 'switch-page-'))
  const upstream = await startFakeUpstream({ wordDelayMs: 8 })
  const config = loadConfig({
    PORT: '0', HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache'), HERMES_MODEL_NAME: 'switch-tiny',
    OPENAI_API_KEY: 'sk-pictures', OPENAI_BASE_URL: upstream.url
  })
  const server = await startServer(config, pino({ level: 'silent' }))
  const browser = await launchBrowser()
  try {
    await live(server.url, upstream, Number(seconds))
    await shoot(browser, server.url, into, only)
  } finally {
    await Promise.all([browser.close(), server.close(), upstream.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
