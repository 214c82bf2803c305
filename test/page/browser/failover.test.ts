// Failing over, seen in a browser: who spoke which part, and a breaker that opens and closes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { post, until } from '../../support/service.ts'
import { answerText, answered, ask, browserTest, listenWithUpstream, openPage } from '../support.ts'
const card = (page: Page, backend: string) => page.locator('.backend').filter({ has: page.getByRole('heading', { name: backend }) })

test('a continued answer shows which backend spoke which part', browserTest, async (t) => {
  const { url, upstream } = await listenWithUpstream(t)
  await upstream.setFault({ fault: 'cut', times: 1 })
  const page = await openPage(t, url)
  await ask(page, 'Tell me something long.')
  await answered(page)
  const speakers = answerText(page).locator('.speaker')
  assert.deepEqual(await speakers.allInnerTexts(), ['openai', 'hermes'])
  await page.locator('.playground').getByText('Its stream broke off after part of the answer.').waitFor()
  await page.locator('.requests').getByText('Continued').waitFor()
  page.assertQuiet()
})

test('a breaker opens with its reason and closes again', browserTest, async (t) => {
  const { url, upstream } = await listenWithUpstream(t)
  await upstream.setFault('status-503')
  const page = await openPage(t, url)
  await until(async () => {
    await (await post(url, { prompt: 'Hello', max_tokens: 2 })).text()
    return card(page, 'openai').getByText('Left alone').isVisible()
  })
  await card(page, 'openai').getByText(/^Open, \d+ s left/).waitFor()
  await page.getByRole('heading', { name: 'Answering from a fallback' }).waitFor()
  await page.getByText(/openai is left alone for another \d+ s: its server failed\./).waitFor()
  await upstream.setFault('none')
  await until(async () => {
    await (await post(url, { prompt: 'Hello', max_tokens: 2 })).text()
    return card(page, 'openai').getByText('Closed').isVisible()
  })
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  page.assertQuiet()
})
