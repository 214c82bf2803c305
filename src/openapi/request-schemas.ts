// Completes the schemas of request bodies in a finished document. Before that, fields that several bodies share are one object.
import { showHiddenForms } from './hidden-forms.ts'
import type { BodyDescription } from './operation.ts'

type Json = Record<string, unknown>

/** @param schemas of the document, by name; those of `bodies` are changed */
export function completeRequests(schemas: Readonly<Record<string, object>>, bodies: readonly BodyDescription[]): void {
  for (const { name, fields, also } of bodies) {
    const schema = schemas[name] as Json & { properties: Record<string, Json> } | undefined
    if (schema === undefined) continue
    everyObject(schema, showHiddenForms)
    also?.(schema)
    for (const [field, description] of Object.entries(fields)) schema.properties[field] = { ...schema.properties[field], description }
  }
}

/** Inner ones first. */
function everyObject(node: unknown, visit: (schema: Json) => void): void {
  if (typeof node !== 'object' || node === null) return
  for (const child of Object.values(node)) everyObject(child, visit)
  if ('properties' in node) visit(node as Json)
}
