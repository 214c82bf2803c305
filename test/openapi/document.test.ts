import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import type { FastifyInstance } from 'fastify'
import { errorStatus } from '../../src/inference/errors.ts'
import { operations } from '../../src/openapi/operations.ts'
import { build } from '../support/service.ts'
import { documentOf, operationsOf } from './support.ts'

/** Fastify's own list of routes: told by the instance itself, from its beginning. */
async function buildListed(t: TestContext): Promise<{ app: FastifyInstance, routes: string[] }> {
  const routes: string[] = []
  const listen = (message: unknown) => (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`)
  })
  subscribe('fastify.initialization', listen)
  try {
    return { app: await build(t), routes }
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
}

test('every route of the app is in the document, and has a description', async (t) => {
  const { app, routes } = await buildListed(t)
  assert.ok(routes.includes('POST /switch/infer'), `${routes}`)
  const withoutNames = (route: string) => route.replaceAll(/\{\w+\}|:\w+|\*/g, '{}')
  const documented = operationsOf(await documentOf(app)).map(({ method, path }) => withoutNames(`${method} ${path}`))
  assert.deepEqual(documented.toSorted(), routes.map(withoutNames).toSorted())
  const described = new Set<string>(operations.map(({ route }) => route))
  assert.deepEqual(routes.filter((route) => !described.has(route)), [], 'describe these in src/openapi/operations/')
  assert.deepEqual([...described].filter((route) => !routes.includes(route)), [], 'there are no such routes')
})

test('the linter finds nothing, by its recommended rules', async (t) => {
  const app = await build(t)
  const source = JSON.stringify(await documentOf(app))
  const problems = await lintFromString({ source, config: await createConfig({ extends: ['recommended'] }) })
  assert.deepEqual(problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`), [])
})

test('a schema of a request says something about every field', async (t) => {
  const document = await documentOf(await build(t))
  for (const { method, path, operation } of operationsOf(document)) {
    if (!operation.requestBody) continue
    const { schema } = operation.requestBody.content['application/json']!
    const { properties } = document.components.schemas[String(schema['$ref']).replace('#/components/schemas/', '')] as { properties: Record<string, Record<string, unknown>> }
    for (const [name, { description, ...rest }] of Object.entries(properties)) {
      assert.ok(description, `${method} ${path}: ${name} has no description`)
      assert.notDeepEqual(rest, {}, `${method} ${path}: ${name} takes anything`)
    }
    assert.ok(!JSON.stringify(properties).includes('"content":{}'), `${method} ${path}: contents that take anything`)
  }
})

test('every query parameter and placeholder has a description', async (t) => {
  for (const { method, path, operation } of operationsOf(await documentOf(await build(t)))) {
    for (const { name, description } of operation.parameters ?? []) assert.ok(description, `${method} ${path}: ${name}`)
  }
})

test('every code of the catalogue is told by some route, but for those of requests that reach none', async (t) => {
  const text = JSON.stringify(operationsOf(await documentOf(await build(t))).map(({ operation }) => operation.responses))
  const untold = Object.keys(errorStatus).filter((code) => !text.includes(`\`${code}\``))
  assert.deepEqual(untold, ['SWITCH_HTTP_METHOD_NOT_ALLOWED'])
})

test('what needs no token says so, and only that', async (t) => {
  const open = operationsOf(await documentOf(await build(t))).filter(({ operation }) => operation.security?.length === 0)
  for (const { path, operation } of open) assert.equal(operation.responses['401'], undefined, path)
  const app = await build(t, { env: { SWITCH_TOKEN: 'secret' } })
  for (const { method, path, operation } of operationsOf(await documentOf(app))) {
    const { statusCode } = await app.inject({ method: method as 'GET', url: path.replaceAll(/[{}]/g, '') })
    assert.equal(statusCode === 401, operation.security === undefined, `${method} ${path}`)
  }
})
