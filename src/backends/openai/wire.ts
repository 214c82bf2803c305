// JSON from other people's servers: nothing about it is certain, so every field is unknown until looked at.

export type Wire = Readonly<Record<string, unknown>>

export function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object that `text` is, or undefined when it is none. */
export function parseWire(text: string): Wire | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isWire(value) ? value : undefined
  } catch {
    return undefined
  }
}
