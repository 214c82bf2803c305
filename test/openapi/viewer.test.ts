import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import { build, listen, ready } from '../support/service.ts'

test('the viewer and all that it loads come from the service, and need no token', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'secret' } })
  const page = await app.inject('/docs')
  assert.equal(page.statusCode, 200)
  assert.match(String(page.headers['content-type']), /^text\/html/)
  const links = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link!).filter((link) => link !== 'data:,')
  assert.equal(links.length, 3)
  for (const link of links) {
    assert.match(link, /^docs\/[\w.-]+$/, 'relative, so that a path before it is kept')
    const asset = await app.inject(`/${link}`)
    assert.equal(asset.statusCode, 200, link)
    assert.match(String(asset.headers['content-type']), link.endsWith('.css') ? /^text\/css/ : /^text\/javascript/)
  }
  assert.doesNotMatch(page.body, /<script(?![^>]* src=)|<style|\son\w+=/, 'nothing inline')
})

test('the styles load nothing from elsewhere', async (t) => {
  const { body } = await (await build(t)).inject('/docs/swagger-ui.css')
  assert.doesNotMatch(body, /@import|url\((?!["']?data:)/)
})

test('the policy lets the viewer speak with the service alone, whatever its scripts say', async (t) => {
  const app = await build(t)
  for (const path of ['/docs', '/docs/start.js', '/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css']) {
    const policy = String((await app.inject(path)).headers['content-security-policy'])
    const rules = Object.fromEntries(policy.split('; ').map((rule) => [rule.split(' ')[0]!, rule.split(' ').slice(1)]))
    assert.deepEqual(rules['default-src'], ["'none'"], path)
    assert.deepEqual(rules['script-src'], ["'self'"], path)
    assert.deepEqual(rules['connect-src'], ["'self'"], path)
    for (const source of Object.values(rules).flat()) assert.ok(["'none'", "'self'", 'data:'].includes(source), `${path}: ${source}`)
  }
})

test('what is no asset is not there', async (t) => {
  const app = await build(t)
  for (const name of ['index.html', '..%2fdocument.ts', 'toString', 'swagger-ui.js']) assert.equal((await app.inject(`/docs/${name}`)).statusCode, 404, name)
})

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

test('in a browser: nothing is asked of another host, nothing breaks the policy, and a request carries the token', { skip: browser === undefined && 'there is no Chromium in /usr/bin' }, async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const instance = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox'] })
  t.after(() => instance.close())
  const page = await instance.newPage()
  page.setDefaultTimeout(90_000)
  const hosts = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => void (request.url().startsWith('data:') || hosts.add(new URL(request.url()).origin)))
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))

  await page.goto(`${url}/docs`)
  await page.click('button.authorize')
  await page.fill('.auth-container input[type=text] >> nth=0', 'secret')
  await page.click('.auth-container button[type=submit] >> nth=0')
  await page.click('.auth-container button.btn-done >> nth=0')
  await page.click('#operations-Inference-infer .opblock-summary-control')
  const [request] = await Promise.all([page.waitForRequest(`${url}/switch/infer`), page.click('#operations-Inference-infer button.execute')])
  assert.equal(request.headers()['x-vx11-token'], 'secret')
  assert.equal((await request.response())!.status(), 200)
  await page.waitForSelector('#operations-Inference-infer .live-responses-table .response-col_status:has-text("200")')
  assert.deepEqual([...hosts], [url])
  assert.deepEqual(complaints, [])
})
