// The page on narrow and wide screens, in light and dark, as axe sees it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { post } from '../../support/service.ts'
import { answered, ask, browserTest, listenWithUpstream, openPage } from '../support.ts'

const axeSource = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate('axe.run()') as AxeResults
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.deepEqual(grave.map(({ id, nodes }) => `${where}: ${id} ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`), [])
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`at 360 pixels nothing has to be scrolled sideways, and axe finds nothing serious, in ${colorScheme}`, browserTest, async (t) => {
    const { url, upstream } = await listenWithUpstream(t)
    const page = await openPage(t, url, { viewport: { width: 360, height: 800 }, colorScheme, reducedMotion: 'reduce' })
    await upstream.setFault({ fault: 'cut', times: 1 })
    await ask(page, 'Tell me something long.')
    await answered(page)
    await upstream.setFault('status-503')
    for (let times = 0; times < 3; times++) await (await post(url, { prompt: 'Hello', max_tokens: 2 })).text()
    await page.locator('.requests').getByText('Fallback').first().waitFor()
    for (const summary of await page.locator('main summary').all()) await summary.click()
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width} px`)
      if (width !== 768) await assertAccessible(page, `${width} px`)
    }
    await page.getByRole('button', { name: 'Unload' }).click()
    await assertAccessible(page, 'dialog')
    page.assertQuiet()
  })
}
