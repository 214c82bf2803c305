// The page by keyboard alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen, ready } from '../../support/service.ts'
import { answered, browserTest, openPage } from '../support.ts'

test('the keyboard alone is enough: skip link, question, answer, theme', browserTest, async (t) => {
  const { url } = await listen(t)
  await ready(url)
  const page = await openPage(t, url)
  await page.getByRole('heading', { name: 'Ready' }).waitFor()
  const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Skip to content')
  await page.keyboard.press('Enter')
  assert.equal(await focused(), 'content')
  const onPrompt = () => page.evaluate(`document.activeElement.tagName === 'TEXTAREA'`)
  for (let steps = 0; steps < 40 && !await onPrompt(); steps++) await page.keyboard.press('Tab')
  await page.keyboard.type('What is the capital of France?')
  await page.keyboard.press('Control+Enter')
  await answered(page)
  await page.getByRole('button', { name: 'Theme: system' }).focus()
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light')
  await page.keyboard.press('Enter')
  await page.reload()
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark')
  page.assertQuiet()
})
