// What request bodies take and a JSON schema cannot tell by itself: forms that the schemas read with code of their own.
type Json = Record<string, unknown>

const text = { type: 'string' }
const textPart = partOf('text', { text })
const refusalPart = partOf('refusal', { refusal: text })
const imagePart = partOf('image_url', {
  image_url: { type: 'object', properties: { url: { ...text, description: 'https://… or data:image/…;base64,…' }, detail: { enum: ['auto', 'low', 'high', null] } }, required: ['url'] }
})

/** Puts into the schema of an object what its conversion left open. */
export function showHiddenForms(schema: Json): void {
  const properties = schema['properties'] as Record<string, Json>
  const { role, content, type, output } = properties
  if (role !== undefined && isUntold(content)) properties['content'] = contentOf(role['const'] as string | undefined)
  else if (type?.['const'] === 'message' && content) properties['content'] = textOr(content)
  else if (type?.['const'] === 'function_call_output' && output) properties['output'] = textOr(output)
  // A message of /v1/responses is known by its role.
  if (type?.['const'] === 'message') schema['required'] = (schema['required'] as string[]).filter((name) => name !== 'type')
}

/** The input of /v1/responses: a text stands for a message of the user. */
export function textOr(list: object): Record<string, unknown> {
  return { anyOf: [{ ...text, minLength: 1 }, list] }
}

/** Empty, or empty and null. */
function isUntold(content: Json | undefined): boolean {
  return content !== undefined && ['{}', '{"anyOf":[{},{"type":"null"}]}'].includes(JSON.stringify(content))
}

/** Of a chat message. Pictures come from users alone. */
function contentOf(role: string | undefined): Json {
  const parts = { type: 'array', minItems: 1, items: { anyOf: role === 'user' ? [textPart, imagePart] : [textPart, refusalPart] } }
  return { anyOf: [text, parts, ...(role === 'assistant' ? [{ type: 'null' }] : [])], description: 'A text, or a list of parts.' }
}

function partOf(type: string, fields: Json): object {
  return { type: 'object', properties: { type: { const: type }, ...fields }, required: ['type', ...Object.keys(fields)] }
}
