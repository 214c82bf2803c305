import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { projectFolder } from '../support/project-file.ts'

/** Runs the health check of the container against `port`. */
function checkAlive(port: number): Promise<{ code: number, errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(projectFolder, 'deploy/alive.js')], { env: { ...process.env, PORT: String(port) } },
      (_error, _output, errors) => resolve({ code: child.exitCode!, errors }))
  })
}

/** A server that answers /health with `status`. */
async function serve(t: TestContext, status: number): Promise<{ port: number, close: () => void }> {
  const server = createServer((request, response) => response.writeHead(request.url === '/health' ? status : 404).end('{}'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

test('a service that answers is alive', async (t) => {
  const { port } = await serve(t, 200)
  assert.deepEqual(await checkAlive(port), { code: 0, errors: '' })
})

test('a service that answers with an error is not', async (t) => {
  const { port } = await serve(t, 500)
  const { code, errors } = await checkAlive(port)
  assert.equal(code, 1)
  assert.match(errors, /\/health: status 500/)
})

test('a port where nobody listens is said', async (t) => {
  const { port, close } = await serve(t, 200)
  close()
  const { code, errors } = await checkAlive(port)
  assert.equal(code, 1)
  assert.match(errors, /ECONNREFUSED/)
})
