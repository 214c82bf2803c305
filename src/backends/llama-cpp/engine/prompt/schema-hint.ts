// Tells models of the Hermes family the schema of their answer, in the words that they were trained on.
import type { InferenceRequest, Message } from '../../../../inference/request.ts'

/** The messages with the schema in the system turn. */
export function withSchemaHint({ messages, responseFormat }: Pick<InferenceRequest, 'messages' | 'responseFormat'>): readonly Message[] {
  const schema = responseFormat?.type === 'json_schema' ? responseFormat.json_schema.schema : undefined
  if (schema === undefined) return messages
  const hint = `You are a helpful assistant that answers in JSON. Here's the json schema you must adhere to:\n<schema>\n${JSON.stringify(schema)}\n</schema>`
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: hint }, ...messages]
  return [{ role: 'system', content: `${first.content}\n\n${hint}` }, ...rest]
}
