// Turns registered routes and their descriptions into the paths of the document.
import type { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import { isOpenAiPath } from '../http/openai-error.ts'
import { errorResponses } from './error-responses.ts'
import type { Operation } from './operation.ts'
import type { RegisteredRoute } from './registered-routes.ts'

/** A route without a description is there too, bare: better little than nothing. */
export function pathsOf(routes: readonly RegisteredRoute[], operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const operation = operations.find((one) => one.route === route.name)
    const item = paths[documentPath(route.path, operation)] ??= {}
    item[route.method.toLowerCase()] = render(route, operation ?? bareOperation(route))
  }
  return paths
}

function bareOperation({ name, path }: RegisteredRoute): Operation {
  return { route: name as Operation['route'], id: name.replaceAll(/\W+/g, '_'), tag: 'About', summary: path, replies: { 200: { description: 'Done.' } } }
}

/** `/v1/models/*` becomes `/v1/models/{model}`. */
function documentPath(path: string, operation: Operation | undefined): string {
  return path.replaceAll(/:(\w+)|\*/g, (found, name: string | undefined) => `{${operation?.placeholders?.[name ?? found]?.name ?? name ?? 'path'}}`)
}

function render(route: RegisteredRoute, operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, body, replies, errors = [] } = operation
  const parameters = [...placeholdersOf(operation), ...queryOf(route.query, operation), ...operation.headers ?? []]
  const traits = { isPublic: route.isPublic, takesBody: route.body !== undefined, isOpenAiForm: isOpenAiPath(route.path) }
  return {
    operationId: id, tags: [tag], summary,
    ...(description !== undefined && { description }),
    ...(route.isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: body ? route.body.meta({ id: body.name }) : route.body, ...(body && { examples: body.examples }) } } } }),
    responses: { ...replies, ...errorResponses(errors, traits) }
  }
}

function placeholdersOf({ placeholders = {} }: Operation) {
  return Object.entries(placeholders).map(([key, { name, description, example }]) => {
    return { in: 'path' as const, name: name ?? key, required: true, description, example, schema: { type: 'string' as const } }
  })
}

function queryOf(query: z.ZodObject | undefined, { query: texts = {} }: Operation) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const described = (schema as z.ZodType).meta({ param: { in: 'query', name, ...(texts[name] && { description: texts[name] }) } })
    return described
  })
}
