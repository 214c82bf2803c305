// The playground in a browser: an answer, its end, its failure.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen, ready, until } from '../../support/service.ts'
import { answerText, answered, ask, browserTest, listenWithUpstream, openPage } from '../support.ts'

test('says that it can answer, asks, shows the answer, and then the request with its receipt', browserTest, async (t) => {
  const { url } = await listen(t)
  await ready(url)
  const page = await openPage(t, url)
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  await page.getByText('Nothing was asked yet.').waitFor()
  await ask(page, 'What is the capital of France?')
  await answered(page)
  assert.match(await answerText(page).innerText(), /Paris/)
  const request = page.locator('.requests .request').first()
  await request.getByText('Answered').waitFor()
  assert.equal(await request.locator('.attempt').count(), 1)
  await request.locator('summary').click()
  await request.getByText(/^inf_/).waitFor()
  await page.getByText('Since the start: 1 request, 0 failed').waitFor()
  page.assertQuiet()
})

test('shows an answer while it comes, and Stop ends it for the upstream too', browserTest, async (t) => {
  const { url, upstream } = await listenWithUpstream(t, { wordDelayMs: 100 })
  const page = await openPage(t, url)
  await ask(page, 'Tell me something long.')
  await until(async () => await answerText(page).isVisible() && (await answerText(page).innerText()).trim().split(' ').length >= 3)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('status').filter({ hasText: 'Stopped.' }).waitFor()
  await until(() => upstream.requests[0]!.isAborted)
  await page.locator('.requests').getByText('Caller left').first().waitFor()
  page.assertQuiet()
})

test('an error is told in words, with the receipt', browserTest, async (t) => {
  const { url, upstream } = await listenWithUpstream(t, {}, { HERMES_ENABLE: 'false' })
  await upstream.setFault('status-503')
  const page = await openPage(t, url, {}, /503/)
  await ask(page, 'Hello')
  await page.locator('.playground [role=alert]').waitFor()
  await page.locator('.playground').getByText('Its server failed.').first().waitFor()
  page.assertQuiet()
})
