// The way from the page to the service: the token, and a service that goes away and comes back.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { startServer } from '../../../src/server.ts'
import { listen, ready, silentLogger, temporaryFolder } from '../../support/service.ts'
import { answered, ask, browserTest, openPage } from '../support.ts'

test('asks for the token, says when it is wrong, sends it with everything, and keeps it for the tab alone', browserTest, async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'vx11-token' })
  await ready(url)
  const page = await openPage(t, url, {}, /401/)
  const dialog = page.getByRole('dialog', { name: 'This service needs a token' })
  for (let times = 0; times < 3; times++) await page.keyboard.press('Escape')
  await dialog.getByLabel('Token').fill('wrong')
  await dialog.getByRole('button', { name: 'Open' }).click()
  await dialog.getByText('That token was not accepted.').waitFor()
  await dialog.getByLabel('Token').fill('vx11-token')
  await dialog.getByLabel('Token').press('Enter')
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  await page.locator('.model').first().waitFor()
  await ask(page, 'What is the capital of France?')
  await answered(page)
  assert.deepEqual(await page.evaluate(`[JSON.stringify(sessionStorage).includes('vx11-token'), JSON.stringify(localStorage).includes('vx11-token'), document.cookie]`), [true, false, ''])
  assert.ok(!page.url().includes('vx11-token'))
  page.assertQuiet()
})

test('says that the connection is lost, and comes back by itself', browserTest, async (t) => {
  const folder = temporaryFolder(t)
  const config = loadConfig({ PORT: '0', HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache') })
  const first = await startServer(config, silentLogger)
  t.after(() => first.close())
  const page = await openPage(t, first.url, {}, /ERR_/)
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  await first.close()
  await page.getByRole('status').filter({ hasText: 'Connection lost.' }).waitFor()
  await page.getByRole('heading', { name: 'Unknown' }).waitFor()
  const second = await startServer({ ...config, PORT: Number(new URL(first.url).port) }, silentLogger)
  t.after(() => second.close())
  await page.getByText('Connection lost.').waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  page.assertQuiet()
})
