// The changes of a backend's model: one at a time, and whoever asks for the one under way joins it.
import { ModelChangeError } from '../model-change-error.ts'

type Change = { readonly what: string, readonly done: Promise<number | undefined> }

export class ModelChanges {
  readonly #backend: string
  #underWay: Change | undefined

  constructor(backend: string) {
    this.#backend = backend
  }

  /**
   * Begins a change, or joins the one under way.
   * @param what in words that continue "… is"; the same words mean the same change
   * @param run gives what the change is asked for, if anything
   * @throws ModelChangeError when another change is under way
   */
  begin(what: string, run: () => Promise<number | undefined>): Promise<number | undefined> {
    if (this.#underWay?.what === what) return this.#underWay.done
    if (this.#underWay !== undefined) throw new ModelChangeError('busy', `${this.#backend} is ${this.#underWay.what} at the moment. Wait until GET /switch/models says that it is done, then send this again.`)
    const done = run().finally(() => {
      this.#underWay = undefined
    })
    this.#underWay = { what, done }
    return done
  }
}
