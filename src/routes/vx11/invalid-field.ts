// The error of a body whose fields have the right form and yet make no question.
import { SwitchError } from '../../inference/errors.ts'

export function invalidField(path: string, reason: string): SwitchError {
  return new SwitchError('SWITCH_REQUEST_INVALID', `The request is not valid. ${path}: ${reason}.`, { body: { details: [{ path, reason }] } })
}
