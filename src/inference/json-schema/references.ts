// Finds what a `$ref` within one schema points to, and whether that contains itself.
import { childrenOf, isSchema } from './schema.ts'
import type { JsonSchema } from './schema.ts'

export class References {
  readonly #root: JsonSchema
  readonly #recursive = new Map<string, boolean>()

  constructor(root: JsonSchema) {
    this.#root = root
  }

  /** Undefined for what is not a schema in this one: another document, an anchor, nothing at all. */
  resolve(ref: string): JsonSchema | undefined {
    if (ref !== '#' && !ref.startsWith('#/')) return undefined
    let found: unknown = this.#root
    for (const key of ref.split('/').slice(1).map(unescape)) {
      found = typeof found === 'object' && found !== null && Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined
    }
    return isSchema(found) ? found : undefined
  }

  isRecursive(ref: string): boolean {
    const known = this.#recursive.get(ref) ?? this.#reaches(ref)
    this.#recursive.set(ref, known)
    return known
  }

  #reaches(ref: string): boolean {
    const target = this.resolve(ref)
    const seen = new Set<JsonSchema>()
    const waiting = target === undefined ? [] : [target]
    for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
      const next = [...this.#nextOf(schema)]
      if (next.includes(target!)) return true
      waiting.push(...next.filter((one) => !seen.has(one)))
      for (const one of next) seen.add(one)
    }
    return false
  }

  *#nextOf(schema: JsonSchema): Generator<JsonSchema> {
    if (typeof schema === 'boolean') return
    const target = typeof schema.$ref === 'string' ? this.resolve(schema.$ref) : undefined
    if (typeof target === 'object') yield target
    for (const { pointer, schema: child } of childrenOf(schema)) {
      // Definitions are part of an answer only where something refers to them.
      if (typeof child === 'object' && !/^\/(\$defs|definitions)\//.test(pointer)) yield child
    }
  }
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return key
  }
}
