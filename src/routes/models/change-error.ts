// A failed change of models as the catalogue's error.
import { ModelChangeError } from '../../backends/model-change-error.ts'
import type { ModelChangeReason } from '../../backends/model-change-error.ts'
import { SwitchError } from '../../inference/errors.ts'
import type { ErrorCode } from '../../inference/errors.ts'
import { availableModels } from './available-models.ts'
import { suggestion } from './chosen-backend.ts'

const codes: Record<ModelChangeReason, ErrorCode> = {
  unknown: 'SWITCH_MODEL_NOT_FOUND',
  busy: 'SWITCH_MODEL_BUSY',
  does_not_fit: 'SWITCH_MODEL_TOO_LARGE',
  unsupported: 'SWITCH_REQUEST_UNSUPPORTED',
  failed: 'SWITCH_MODEL_LOAD_FAILED'
}

/** Anything else that was thrown comes back as it is. @param folder where the names are that may have been meant */
export async function describeChangeError(error: unknown, model: string | undefined, folder: string): Promise<Error> {
  if (!(error instanceof ModelChangeError)) return error as Error
  const { reason, message } = error
  const known = reason === 'unknown' && model !== undefined ? (await availableModels(folder)).models.map(({ name }) => name) : []
  return new SwitchError(codes[reason], `${message}${known.length > 0 ? suggestion(model!, known) : ''}`, { cause: error })
}
