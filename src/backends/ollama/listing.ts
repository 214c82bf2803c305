// What Ollama holds: the models it has (/api/tags), those in memory (/api/ps), and what one can do (/api/show).
import { z } from 'zod'
import type { OllamaApi } from './api.ts'
import { protocolFailure } from './failures.ts'
import { isSameModel } from './model-name.ts'

const stored = z.object({ name: z.string(), remote_host: z.string().nullish(), remote_model: z.string().nullish(), size: z.number().nonnegative().nullish() })
const loaded = z.object({ name: z.string(), size: z.number().nonnegative().nullish(), context_length: z.int().nonnegative().nullish() })

export type StoredModel = z.infer<typeof stored>
export type LoadedModel = z.infer<typeof loaded>

/** The model as it lies in memory, or is being loaded; undefined when it is not. */
export async function findLoaded(api: OllamaApi, signal: AbortSignal): Promise<LoadedModel | undefined> {
  return find(api, '/api/ps', loaded, signal)
}

/** The model as it lies on disk; undefined when it was never pulled. */
export async function findStored(api: OllamaApi, signal: AbortSignal): Promise<StoredModel | undefined> {
  return find(api, '/api/tags', stored, signal)
}

/** Ollama's words for what the model can do: completion, tools, vision, thinking and more. Undefined where it does not tell. */
export async function findAbilities(api: OllamaApi, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
  const { data } = z.object({ capabilities: z.array(z.string()) }).safeParse(await api.json({ method: 'POST', path: '/api/show', body: { model: api.server.model } }, signal))
  return data && new Set(data.capabilities)
}

async function find<T extends { name: string }>(api: OllamaApi, path: string, model: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> {
  const answer = z.object({ models: z.array(model).nullish() }).safeParse(await api.json({ method: 'GET', path }, signal))
  if (!answer.success) throw protocolFailure(api.server, `${path} lists no models`)
  return answer.data.models?.find(({ name }) => isSameModel(name, api.server.model))
}
