// From one engine to another: beside each other where memory allows it, else one after the other.
import { DoesNotFit } from '../../models/memory-budget.ts'
import { ModelChangeError } from '../model-change-error.ts'
import type { Supervisor } from './supervision/supervisor.ts'

/**
 * Loads `fresh` so that it can take the place of `old`, which answers until then wherever memory allows both. Where it
 * does not, `old` has ended when this resolves; when `fresh` cannot be loaded, `old` runs again before this throws.
 * @param pause called when requests must wait from now on
 * @throws ModelChangeError
 */
export async function replaceEngine(old: Supervisor, fresh: Supervisor, pause: () => void): Promise<void> {
  if (await fitsBeside(old, fresh)) return loadBeside(old, fresh)
  pause()
  await old.settled()
  await old.unload({ loadsOnDemand: false, keepsClaim: true })
  try {
    await fresh.load(old.options.claim)
  } catch (error) {
    await loadBack(old, fresh, error as Error)
  }
}

/** @throws ModelChangeError when `fresh` does not fit even alone, or is no usable model */
async function fitsBeside(old: Supervisor, fresh: Supervisor): Promise<boolean> {
  try {
    await fresh.options.checkModel()
    return true
  } catch (error) {
    if (!(error instanceof DoesNotFit)) throw changeFailed(old, fresh, 'failed', error as Error)
  }
  try {
    await fresh.options.claim!.try(old.options.claim!)
    return false
  } catch (error) {
    throw changeFailed(old, fresh, error instanceof DoesNotFit ? 'does_not_fit' : 'failed', error as Error)
  }
}

async function loadBeside(old: Supervisor, fresh: Supervisor): Promise<void> {
  try {
    await fresh.load()
  } catch (error) {
    throw changeFailed(old, fresh, 'failed', error as Error)
  }
}

/** Its own back-off goes on when that fails too. */
async function loadBack(old: Supervisor, fresh: Supervisor, error: Error): Promise<never> {
  await fresh.close()
  await old.load().catch(() => undefined)
  throw changeFailed(old, fresh, 'failed', error)
}

function changeFailed(old: Supervisor, fresh: Supervisor, reason: 'failed' | 'does_not_fit', error: Error): ModelChangeError {
  const { status, model } = old.state()
  const kept = status === 'ready' || status === 'unloaded' ? `${model} stays.` : `${model} is not ready either.`
  // A supervisor's own sentence tells of a next try, which there is not.
  const cause = error.message.replace(/^Model .* could not be loaded: /, '').replace(/ Next try in \d+ s\.$/, '').replace(/\.$/, '')
  return new ModelChangeError(reason, `Model ${fresh.options.model} could not be loaded: ${cause}. ${kept}`, error)
}
