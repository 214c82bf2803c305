// The backends and routes that requests see, and their exchange for others while requests run. Knows no kind of backend.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { BackendSpec, RouteSpec, Specs } from '../config/specs.ts'
import type { Routes } from '../inference/route.ts'
import type { GatedBackend } from '../inference/target.ts'
import type { Log } from '../observability/log.ts'
import type { Backend } from './backend.ts'

/** What a reload did, by names of backends. */
export type RegistryChange = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Made anew because their settings changed. */
  readonly replaced: readonly string[]
  /** The same as before: same gate, same engine. */
  readonly kept: readonly string[]
}

export type LiveRegistryOptions = {
  /** Makes a backend. It may start at once; `state` tells when it is ready. */
  make: (spec: BackendSpec) => Promise<Backend>
  guard: (backend: Backend) => GatedBackend
  /** What a spec has become since its backend was made from it; by default it stays. */
  presentSpec?: (spec: BackendSpec, backend: Backend) => BackendSpec
  log: Log
  /** Longest wait for the requests of a dropped backend. */
  drainMs?: number
}

type Member = { readonly spec: BackendSpec | undefined, readonly target: GatedBackend }
type Lineup = { readonly members: readonly Member[], readonly backends: readonly GatedBackend[], readonly routes: Routes }

const pollMs = 50

export class LiveRegistry {
  readonly #options: Required<LiveRegistryOptions>
  readonly #closing = new AbortController()
  /** One object for each request that may still use what it saw when it came. */
  readonly #requests = new Set<object>()
  readonly #draining = new Set<Promise<void>>()
  #lineup: Lineup
  #reloading: Promise<unknown> = Promise.resolve()

  /** @param backends that are there from the start, without a spec: the first reload drops them */
  constructor(options: LiveRegistryOptions, backends: readonly GatedBackend[] = [], routes: readonly RouteSpec[] = []) {
    this.#options = { drainMs: 60_000, presentSpec: (spec) => spec, ...options }
    this.#lineup = lineupOf(backends.map((target) => ({ spec: undefined, target })), routes)
  }

  /** Those of now; a new array after each reload. */
  get backends(): readonly GatedBackend[] {
    return this.#lineup.backends
  }

  /** Those of now. `backends` and `routes` read in one go belong together. */
  get routes(): Routes {
    return this.#lineup.routes
  }

  /** A request begins: what it can see now stays usable until the returned function is called, within the drain's bound. */
  hold(): () => void {
    const request = {}
    this.#requests.add(request)
    return () => void this.#requests.delete(request)
  }

  /**
   * Exchanges backends and routes in one step. A backend whose spec is the same stays as it is; a dropped one is
   * closed when no request can use it any more. Resolves after the exchange, without waiting for that.
   * @throws what making a backend threw; then nothing has changed
   */
  reload(specs: Specs): Promise<RegistryChange> {
    const reloaded = this.#reloading.then(() => this.#apply(specs))
    this.#reloading = reloaded.catch(() => undefined)
    return reloaded
  }

  /** Ends every backend, the dropped ones too. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#reloading
    await Promise.all([...this.backends.map(({ backend }) => backend.close()), ...this.#draining])
  }

  async #apply(specs: Specs): Promise<RegistryChange> {
    const { members: old } = this.#lineup
    const members = await this.#membersFor(specs.backends, old)
    const fresh = members.filter((member) => !old.includes(member))
    if (this.#closing.signal.aborted) {
      await Promise.all(fresh.map(({ target }) => target.backend.close()))
      throw new Error('Switch is shutting down.')
    }
    this.#lineup = lineupOf(members, specs.routes)
    const dropped = old.filter((member) => !members.includes(member))
    for (const { target } of dropped) this.#drain(target)
    return changeOf(members, fresh, dropped)
  }

  async #membersFor(specs: readonly BackendSpec[], old: readonly Member[]): Promise<Member[]> {
    const results = await Promise.allSettled(specs.map(async (spec) => {
      const same = old.find(({ spec: was, target: { backend } }) => was !== undefined && isDeepStrictEqual(this.#options.presentSpec(was, backend), spec))
      return same ?? { spec, target: this.#options.guard(await this.#options.make(spec)) }
    }))
    const members = results.flatMap((result) => result.status === 'fulfilled' ? result.value : [])
    const failure = results.find((result) => result.status === 'rejected')
    if (failure === undefined) return members
    await Promise.all(members.filter((member) => !old.includes(member)).map(({ target }) => target.backend.close()))
    throw failure.reason
  }

  #drain(target: GatedBackend): void {
    const drained = this.#whenUnused(target).then(() => target.backend.close())
      .catch((error: unknown) => this.#options.log.error({ err: error, backend: target.backend.name }, 'closing a dropped backend failed'))
      .finally(() => this.#draining.delete(drained))
    this.#draining.add(drained)
  }

  /** A request that came before the exchange may still fall back to the dropped backend, so its gate alone does not tell. */
  async #whenUnused({ gate, backend }: GatedBackend): Promise<void> {
    const earlier = new Set(this.#requests)
    const end = performance.now() + this.#options.drainMs
    const isUsed = () => gate.state().running > 0 || gate.state().waiting > 0 || !earlier.isDisjointFrom(this.#requests)
    while (isUsed()) {
      if (this.#closing.signal.aborted) return
      if (performance.now() >= end) return this.#options.log.warn({ backend: backend.name, drain_ms: this.#options.drainMs }, 'a dropped backend is closed although requests still use it')
      await sleep(pollMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
    }
  }
}

function lineupOf(members: readonly Member[], routes: readonly RouteSpec[]): Lineup {
  const backends = members.map(({ target }) => target)
  const named = (names: readonly string[]) => names.flatMap((name) => backends.find(({ backend }) => backend.name === name) ?? [])
  return { members, backends, routes: new Map(routes.map((route) => [route.name, named(route.backends)])) }
}

function changeOf(members: readonly Member[], fresh: readonly Member[], dropped: readonly Member[]): RegistryChange {
  const namesOf = (some: readonly Member[]) => some.map(({ target }) => target.backend.name)
  const before = namesOf(dropped)
  const after = namesOf(fresh)
  return {
    added: after.filter((name) => !before.includes(name)),
    removed: before.filter((name) => !after.includes(name)),
    replaced: after.filter((name) => before.includes(name)),
    kept: namesOf(members.filter((member) => !fresh.includes(member)))
  }
}
