// Models in a browser: pulled, loaded, unloaded.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { mirrorFor } from '../../support/pulls.ts'
import { listen, ready, temporaryFolder } from '../../support/service.ts'
import { browserTest, openPage } from '../support.ts'

test('pulls a model with progress, loads it, and asks before it unloads', browserTest, async (t) => {
  const mirror = await mirrorFor(t, { bytesPerSecond: 300_000 })
  const folder = temporaryFolder(t)
  const { url } = await listen(t, { HF_ENDPOINT: mirror.url, HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache') })
  await ready(url)
  const page = await openPage(t, url)
  await page.getByLabel('Another model').fill('owner/Tiny-GGUF:Q4_K_M')
  await page.getByRole('button', { name: 'Pull', exact: true }).click()
  await page.getByRole('progressbar', { name: /^Pulling / }).waitFor()
  delete mirror.settings.bytesPerSecond
  const row = page.locator('.model').filter({ has: page.getByRole('heading', { name: /^Tiny-Q4_K_M/ }) })
  await row.getByRole('button', { name: 'Load' }).click()
  await row.getByText('Runs on hermes').waitFor()
  await row.getByRole('button', { name: 'Unload' }).click()
  const dialog = page.getByRole('dialog', { name: /^Unload Tiny-Q4_K_M/ })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Unload', 'the focus is back where it was')
  await row.getByRole('button', { name: 'Unload' }).click()
  await dialog.getByRole('button', { name: 'Unload' }).click()
  await page.getByRole('heading', { name: 'Cannot answer' }).waitFor()
  page.assertQuiet()
})
