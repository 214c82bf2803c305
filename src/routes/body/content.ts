// What a message contains: a text, or OpenAI's list of parts.
import { z } from 'zod'
import type { ContentPart } from '../../inference/request.ts'
import { objectOf, promptText, wellFormed } from './fields.ts'
import type { Strictness } from './fields.ts'
import { present } from './present.ts'

const pictureRule = 'must be a picture at https://… or as data:image/…;base64,…'
/** The address of a picture, or the picture itself. */
export const picture = /^(https?:\/\/|data:image\/[\w.+-]+;base64,)\S/i

/** Reads a text with one schema and a list with the other, so that the error is about what was sent. */
function textOrParts<T extends z.ZodType, P extends z.ZodType>(text: T, parts: P) {
  return z.unknown().transform((value, context): z.output<T> | z.output<P> => {
    if (typeof value !== 'string' && !Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'must be a text or a list of parts' })
      return z.NEVER
    }
    const parsed = (typeof value === 'string' ? text : parts).safeParse(value)
    if (parsed.success) return parsed.data as z.output<T> | z.output<P>
    for (const issue of parsed.error.issues) context.addIssue({ ...issue, input: value } as Parameters<typeof context.addIssue>[0])
    return z.NEVER
  })
}

/** Text content of a system, assistant or tool message; parts are joined line by line. */
export function textContent(strictness: Strictness, allowsEmpty: boolean) {
  const object = objectOf(strictness)
  const text = allowsEmpty || strictness === 'ignores-unknown' ? wellFormed : promptText
  const part = z.discriminatedUnion('type', [
    object({ type: z.literal('text'), text }).transform((given) => given.text),
    object({ type: z.literal('refusal'), refusal: text }).transform((given) => given.refusal)
  ], 'must be a part of type text; this role takes no others')
  return textOrParts(text, z.array(part).min(1, 'must have at least one part').transform((texts) => texts.join('\n')))
}

/** What a user says: a text, or parts where there are pictures. */
export function userContent(strictness: Strictness) {
  const object = objectOf(strictness)
  const text = strictness === 'ignores-unknown' ? wellFormed : promptText
  const imageUrl = object({ url: wellFormed.regex(picture, pictureRule), detail: z.enum(['auto', 'low', 'high'], 'must be auto, low or high').nullish() })
  const part = z.discriminatedUnion('type', [
    object({ type: z.literal('text'), text }),
    object({ type: z.literal('image_url'), image_url: imageUrl }).transform(({ image_url: { url, detail } }) => present({ type: 'image' as const, url, detail: detail ?? undefined }))
  ], 'must be a part of type text or image_url; sound and files are not supported')
  return textOrParts(text, z.array(part).min(1, 'must have at least one part').transform((parts) => withoutNeedlessParts(parts)))
}

function withoutNeedlessParts(parts: readonly ContentPart[]): string | readonly ContentPart[] {
  return parts.every((part) => part.type === 'text') ? parts.map(({ text }) => text).join('\n') : parts
}
