// What is said about one route beside what the route itself tells. Types and comments only.
import type { ZodOpenApiParameterObject, ZodOpenApiResponseObject } from 'zod-openapi'
import type { ErrorCode } from '../inference/errors.ts'

export type TagName = 'Inference' | 'OpenAI' | 'Health' | 'Models' | 'VX11' | 'About'

export type RequestExample = { readonly summary: string, readonly value: object }

export type BodyDescription = {
  /** Of the schema in the document. The schema is the one that validates. */
  readonly name: string
  /** A sentence for each field. */
  readonly fields: Readonly<Record<string, string>>
  /** Rules of the body that its conversion leaves out. */
  readonly also?: (jsonSchema: Record<string, unknown>) => void
  /** By name. Each is one that the service takes. */
  readonly examples: Readonly<Record<string, RequestExample>>
}

export type Operation = {
  /** Method and path as Fastify has them, for example "GET /v1/models/*". */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
  /** Name of the function in clients made from the document. */
  readonly id: string
  readonly tag: TagName
  readonly summary: string
  readonly description?: string
  /** What the placeholders of the path stand for; the one of "*" has the name that it gets in the document. */
  readonly placeholders?: Readonly<Record<string, { readonly name?: string, readonly description: string, readonly example: string }>>
  /** Headers that the route reads. */
  readonly headers?: readonly ZodOpenApiParameterObject[]
  /** A sentence for each parameter behind the "?". */
  readonly query?: Readonly<Record<string, string>>
  readonly body?: BodyDescription
  /** Replies that are no errors of the catalogue, by status. */
  readonly replies: Readonly<Record<string, ZodOpenApiResponseObject>>
  /** Errors beyond those that every route has: see errors.ts. */
  readonly errors?: readonly ErrorCode[]
}
