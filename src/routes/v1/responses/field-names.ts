// Errors in the field names of /v1/responses: the inference names fields as chat completions do.
import { SwitchError } from '../../../inference/errors.ts'

/** The first that fits counts. */
const renamings: readonly (readonly [RegExp, string])[] = [
  [/^response_format\.json_schema\.schema/, 'text.format.schema'],
  [/^response_format/, 'text.format'],
  [/^tools\.(\d+)\.function\./, 'tools.$1.'],
  [/^messages/, 'input'],
  [/^logprobs$/, 'top_logprobs']
]

/** The error with this route's names where it names fields; any other as it is. */
export function withOwnNames(error: unknown): unknown {
  if (!(error instanceof SwitchError) || error.body.details === undefined) return error
  const { code, body, retryAfterSeconds, cause } = error
  const details = error.body.details.map(({ path, reason }) => ({ path: renamed(path), reason }))
  // Other messages quote a provider, whose words are its own.
  const [first] = error.body.details
  const message = code === 'SWITCH_REQUEST_UNSUPPORTED' && first ? error.message.replace(first.path, () => renamed(first.path)) : error.message
  return new SwitchError(code, message, { body: { ...body, details }, retryAfterSeconds, cause })
}

function renamed(path: string): string {
  const fitting = renamings.find(([pattern]) => pattern.test(path))
  return fitting ? path.replace(...fitting) : path
}
