// Regular expressions of schemas, which are the caller's: matched within a time, for some take years.
import { Script, createContext } from 'node:vm'

const mostMs = 100
const script = new Script('pattern.test(text)')

/** Thrown when matching takes too long. */
export class PatternTimeout extends Error {
  constructor(pattern: string) {
    super(`matching the pattern ${pattern} takes too long; make it simpler, without repetitions inside repetitions`)
  }
}

/** By the rules of unicode where it keeps to them. Throws a SyntaxError when it is none. */
export function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

export function isRegularExpression(pattern: string): boolean {
  try {
    regularExpression(pattern)
    return true
  } catch {
    return false
  }
}

/** Ajv's engine for patterns. It keeps them by their texts: without `toString` all patterns of a schema would be the first one. */
export const patternEngine = Object.assign((source: string) => {
  const pattern = regularExpression(source)
  return { test: (text: string) => matchesInTime(pattern, text), toString: () => String(pattern) }
}, { code: 'patternEngine' })

function matchesInTime(pattern: RegExp, text: string): boolean {
  try {
    return Boolean(script.runInContext(createContext({ pattern, text }), { timeout: mostMs }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new PatternTimeout(pattern.source)
    throw error
  }
}
