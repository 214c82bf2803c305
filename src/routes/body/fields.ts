// Rules for single fields of a body, the same on every route.
import { z } from 'zod'

/** Text that survives UTF-8. */
export const wellFormed = z.string('must be a text').refine((value) => value.isWellFormed(), 'must be valid Unicode, but has half of a surrogate pair')
export const promptText = wellFormed.min(1, 'must not be empty')

export const functionName = z.string('must be a text').regex(/^[\w-]{1,64}$/, 'must have 1 to 64 letters, digits, _ or -')
export const jsonObject = z.record(z.string(), z.unknown(), 'must be an object')
export const flag = z.boolean('must be true or false')

const stopRule = 'must be a text, or up to 16 texts, of 1 to 256 characters each'
const stopText = wellFormed.min(1, stopRule).max(256, stopRule)
export const stopTexts = z.union([stopText, z.array(stopText).max(16, stopRule)], stopRule).transform((stop) => typeof stop === 'string' ? [stop] : stop)

export function integer(min: number, max: number): z.ZodNumber {
  const message = `must be a whole number from ${min} to ${max}`
  return z.number(message).int(message).min(min, message).max(max, message)
}

export function decimal(min: number, max: number): z.ZodNumber {
  const message = `must be a number from ${min} to ${max}`
  return z.number(message).min(min, message).max(max, message)
}

/** OpenAI's clients send null for what they leave open. */
export function orNull<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** A field that is refused with what to do instead. */
export function refused(reason: string) {
  return z.null(reason).optional()
}

/** How objects treat fields that nobody knows: `/switch` refuses them by name, `/v1` lets them pass, since clients of OpenAI send many. */
export type Strictness = 'refuses-unknown' | 'ignores-unknown'

export function objectOf(strictness: Strictness): typeof z.object {
  return strictness === 'refuses-unknown' ? z.strictObject as unknown as typeof z.object : z.object
}
