// Behind a proxy: the hub is asked through it, this machine is not.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { mirrorFor, startPull, tinySha256 } from '../../support/pulls.ts'

test('HTTP_PROXY leads to the hub, and a CDN on this machine is reached without it', async (t) => {
  const mirror = await mirrorFor(t)
  const asked: string[] = []
  // The name of the hub is one that no resolver has: only the proxy knows where it is.
  const pass = async ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    asked.push(new URL(url).host)
    const answer = await fetch(mirror.url + new URL(url).pathname, { redirect: 'manual' })
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end()
  }
  const proxy = createServer((request, response) => void pass(request, response))
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  t.after(() => proxy.close())
  for (const name of ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY']) delete process.env[name]
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { sha256 } = await startPull(t, { ...mirror, url: 'http://hub.invalid' }).result
  assert.equal(sha256, tinySha256)
  assert.deepEqual([...new Set(asked)], ['hub.invalid'])
})
