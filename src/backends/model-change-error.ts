// Why a model could not be loaded, changed or unloaded.

/**
 * `unknown`: there is no such model. `busy`: another change is under way. `does_not_fit`: it takes more memory than
 * there is. `unsupported`: this backend cannot. `failed`: it was tried.
 */
export type ModelChangeReason = 'unknown' | 'busy' | 'does_not_fit' | 'unsupported' | 'failed'

/** The message is for the one who asked for the change, and says what to do. */
export class ModelChangeError extends Error {
  readonly reason: ModelChangeReason

  constructor(reason: ModelChangeReason, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ModelChangeError'
    this.reason = reason
  }
}
