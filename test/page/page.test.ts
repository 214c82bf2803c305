// GET / and what it loads; that what is served is what the sources make.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildPage } from '../../scripts/build-page.ts'
import { build, temporaryFolder } from '../support/service.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const built = join(root, 'src/page/built')
const filesIn = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()

test('the page and all that it loads come from the service, need no token, and have nothing inline', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'secret' } })
  const page = await app.inject('/')
  assert.equal(page.statusCode, 200)
  assert.equal(page.headers['cache-control'], 'no-cache')
  assert.doesNotMatch(page.body, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)
  const links = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link!).filter((link) => !link.startsWith('data:'))
  assert.equal(links.length, 2)
  for (const link of links) {
    assert.match(link, /^\.\/page\/[\w.-]+$/, 'relative, so that a path before it is kept')
    const asset = await app.inject(link.slice(1))
    assert.equal(asset.statusCode, 200, link)
    assert.match(String(asset.headers['content-type']), link.endsWith('.css') ? /^text\/css/ : /^text\/javascript/)
    assert.match(String(asset.headers['cache-control']), /immutable/)
    assert.doesNotMatch(asset.body, /@import|url\((?!["']?data:)|\beval\(|new Function\(/)
  }
})

test('the policy lets it run its own script, wear its own style and speak with its own service', async (t) => {
  const app = await build(t)
  for (const path of ['/', ...filesIn(join(built, 'page')).map((name) => `/page/${name}`)]) {
    const { headers } = await app.inject(path)
    const rules = Object.fromEntries(String(headers['content-security-policy']).split('; ').map((rule) => [rule.split(' ')[0]!, rule.split(' ').slice(1).join(' ')]))
    assert.deepEqual(rules, { 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'connect-src': "'self'", 'img-src': "'self' data:", 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" }, path)
    assert.deepEqual([headers['x-content-type-options'], headers['referrer-policy']], ['nosniff', 'no-referrer'])
  }
})

test('what is no asset is not there', async (t) => {
  const app = await build(t)
  for (const name of ['index.html', '..%2findex.html', '%2e%2e%2fvite.config.ts', 'toString', 'page.js']) assert.equal((await app.inject(`/page/${name}`)).statusCode, 404, name)
})

test('what is shipped is what the sources make, and small', { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t)
  await buildPage(folder)
  assert.deepEqual(filesIn(built), filesIn(folder), 'run npm run page')
  let bytes = 0
  for (const file of filesIn(folder)) {
    const fresh = readFileSync(join(folder, file))
    assert.ok(fresh.equals(readFileSync(join(built, file))), `${file} is out of date: run npm run page`)
    bytes += fresh.length
  }
  assert.ok(bytes < 150_000, `${bytes} bytes`)
})

test('the sources of the page pass the type checker', { timeout: 60_000 }, () => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/lib/tsc.js'), '--noEmit', '-p', join(root, 'src/page')], { stdio: 'pipe', encoding: 'utf8' })
})
