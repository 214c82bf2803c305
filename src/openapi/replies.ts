// Replies as operations describe them: JSON, or JSON and a stream.
import type { z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'
import { receiptHeaders, requestIdHeader } from './headers.ts'

export function jsonReply(description: string, schema: z.ZodType): ZodOpenApiResponseObject {
  return { description, headers: requestIdHeader, content: { 'application/json': { schema } } }
}

/**
 * The answer of an inference.
 * @param event one event of the stream: its name, where it has one, and its data
 */
export function inferenceReply(description: string, whole: z.ZodType, event?: z.ZodType): ZodOpenApiResponseObject {
  const content: ZodOpenApiResponseObject['content'] = { 'application/json': { schema: whole } }
  return { description, headers: receiptHeaders, content: { ...content, ...(event && { 'text/event-stream': { schema: event } }) } }
}
