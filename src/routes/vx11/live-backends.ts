// The backends and routes of now, as these routes ask for them. Types only.
import type { Routes } from '../../inference/route.ts'
import type { GatedBackend } from '../../inference/target.ts'

/** Asked anew for each request: a reload exchanges both. */
export type LiveBackends = { readonly routes: Routes, readonly backends: readonly GatedBackend[] }
