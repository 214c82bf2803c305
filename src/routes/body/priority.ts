// Who goes first when callers wait.
import { z } from 'zod'

/** Priorities by the name of the calling service; lower goes first. */
const priorityOf: Readonly<Record<string, number>> = { shub: 0, operator: 1, tentaculo_link: 1, madre: 2, hijas: 3 }

/** Of a caller that names none. */
export const usualPriority = 4

const rule = `must be a whole number from 0 to 9 or one of ${Object.keys(priorityOf).join(', ')}`

export const prioritySchema = z.union([
  z.int(rule).min(0, rule).max(9, rule),
  z.enum(Object.keys(priorityOf), rule).transform((name) => priorityOf[name]!)
], rule)
