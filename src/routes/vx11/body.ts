// The bodies that VX11's services send. Its callers add fields as they like, so unknown ones pass.
import { z } from 'zod'
import { decimal, integer, orNull, wellFormed } from '../body/fields.ts'
import { messagesSchema } from '../body/messages.ts'

const shortText = orNull(wellFormed.max(256, 'must have at most 256 characters'))
const tokens = orNull(integer(1, 10_000_000))

const metadataSchema = z.looseObject({
  source: shortText,
  task_type: shortText,
  trace_id: shortText,
  max_tokens: tokens,
  /** What was said before, in short; the gateway adds it. */
  context_summary: orNull(wellFormed)
}, 'must be an object')

/** Of a question on any of these routes: its text is looked for in several places. */
export const questionSchema = z.looseObject({
  messages: orNull(messagesSchema('ignores-unknown')),
  session_id: shortText,
  source: shortText,
  provider: shortText,
  provider_hint: shortText,
  task_type: shortText,
  max_tokens: tokens,
  temperature: orNull(decimal(0, 2)),
  timeout_seconds: orNull(decimal(0.1, 3600)),
  metadata: orNull(metadataSchema)
}, 'The body must be a JSON object, for example {"prompt": "Hello"}')

export type QuestionBody = z.output<typeof questionSchema>

export const controlSchema = z.looseObject({
  action: shortText,
  action_type: shortText,
  op: shortText,
  mode: shortText
}, 'The body must be a JSON object, for example {"action": "get_mode"}')

export type ControlBody = z.output<typeof controlSchema>

export const engineSchema = z.looseObject({
  engine_id: shortText,
  available_engines: orNull(z.array(wellFormed, 'must be a list of texts'))
}, 'The body must be a JSON object, for example {"engine_id": "hermes"}')

export type EngineBody = z.output<typeof engineSchema>
