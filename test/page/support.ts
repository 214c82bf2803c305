// The operator's page in a browser: how tests open it and use it, and what it must never do.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { TestContext } from 'node:test'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Environment } from '../../src/config/load.ts'
import { startFakeUpstream } from '../../src/drill/fake-upstream/server.ts'
import type { FakeUpstream, FakeUpstreamOptions } from '../../src/drill/fake-upstream/server.ts'
import { listen, ready } from '../support/service.ts'
import { launchBrowser, noBrowser } from './chromium.ts'

/** Of every test that needs a browser. */
export const browserTest = { skip: noBrowser, timeout: 90_000 }

/** One for all tests of a file; each has a context of its own. */
let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

export type OpenedPage = Page & {
  /** Fails when it asked another host, broke its policy or threw. */
  assertQuiet(): void
}

/** The page of the service at `url`. `ignores`: what the console may say. */
export async function openPage(t: TestContext, url: string, options: BrowserContextOptions = {}, ignores = /(?!)/): Promise<OpenedPage> {
  browser ??= launchBrowser()
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 900 }, ...options })
  t.after(() => context.close())
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const hosts = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => void (request.url().startsWith('data:') || hosts.add(new URL(request.url()).origin)))
  page.on('console', (message) => void (message.type() === 'error' && !ignores.test(message.text()) && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(url)
  return Object.assign(page, {
    assertQuiet() {
      assert.deepEqual([...hosts], [new URL(url).origin], 'it speaks with its own service alone')
      assert.deepEqual(complaints, [])
    }
  })
}

/** A Switch whose first backend is an upstream that fails as it is told, with the embedded model behind it. */
export async function listenWithUpstream(t: TestContext, options: FakeUpstreamOptions = {}, env: Environment = {}): Promise<{ url: string, upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream(options)
  t.after(() => upstream.close())
  const { url } = await listen(t, { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: upstream.url, HERMES_MODEL_NAME: 'switch-tiny', ...env })
  if (env['HERMES_ENABLE'] !== 'false') await ready(url)
  return { url, upstream }
}

/** Asks in the playground. */
export async function ask(page: Page, prompt: string): Promise<void> {
  await page.getByLabel('Prompt', { exact: true }).fill(prompt)
  await page.getByRole('button', { name: 'Ask' }).click()
}

/** Waits until the playground has its whole answer. */
export async function answered(page: Page): Promise<void> {
  await page.getByRole('status').filter({ hasText: ' answered in ' }).waitFor()
}

export function answerText(page: Page): Locator {
  return page.getByRole('region', { name: 'Answer' })
}
