// The document of an app as tests read it.
import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'

export type Schema = Record<string, unknown>
export type Content = Record<string, { schema: Schema, examples?: Record<string, { value: Record<string, unknown> }> }>
export type Response = { description: string, content?: Content }
export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security?: object[]
  parameters?: { name: string, in: string, description?: string, example?: string }[]
  requestBody?: { content: Content }
  responses: Record<string, Response>
}
export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export async function documentOf(app: FastifyInstance): Promise<Document> {
  const response = await app.inject('/openapi.json')
  assert.equal(response.statusCode, 200, response.body)
  return response.json<Document>()
}

/** The same of a service that listens. */
export async function documentAt(url: string): Promise<Document> {
  const response = await fetch(`${url}/openapi.json`)
  assert.equal(response.status, 200)
  return await response.json() as Document
}

/** Every operation with its method in capitals and its path. */
export function operationsOf({ paths }: Document): { method: string, path: string, operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })))
}

/** Throws with every problem when a value is not as a schema of `document` says; an object with a field too much is not. */
export function checker(document: Document): (schema: Schema, value: unknown, about: string) => void {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  formats.default(ajv)
  ajv.addSchema({ ...(closed(document) as object), $id: 'document' })
  return (schema, value, about) => {
    const validate = ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"document#/')) as object)
    assert.ok(validate(value), `${about}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`)
  }
}

/** The document lets replies grow fields; the tests do not. Within allOf another schema knows the fields. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'allOf' ? value as unknown : closed(value)]))
  return 'properties' in node && !('additionalProperties' in node) ? { ...copy, additionalProperties: false } : copy
}
