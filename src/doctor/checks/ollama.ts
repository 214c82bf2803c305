// An Ollama server that a backend uses: there, new enough, with the model and enough context. Nothing is loaded for it.
import { z } from 'zod'
import { OllamaApi } from '../../backends/ollama/api.ts'
import { answeredElsewhere, notPulled } from '../../backends/ollama/failures.ts'
import { findLoaded, findStored } from '../../backends/ollama/listing.ts'
import { ollamaServer } from '../../backends/ollama/server.ts'
import type { OllamaSpec } from '../../config/specs.ts'
import { BackendError } from '../../inference/failure.ts'
import { ok, problem, together, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

const patienceMs = 10_000
/** The first that can be forbidden to cut prompts silently (truncate and shift). */
const oldestVersion = [0, 12, 4]

export async function checkOllama(spec: OllamaSpec, signal: AbortSignal): Promise<Finding> {
  const api = new OllamaApi(ollamaServer(spec.name, spec.model, spec.baseUrl))
  try {
    return await ask(api, spec, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]))
  } catch (error) {
    if (!(error instanceof BackendError)) return problem(`Ollama at ${api.server.url} did not answer within ${patienceMs / 1000} s.`, `curl ${api.server.url}/api/version\nand where that hangs too, restart Ollama`, { url: api.server.url })
    return problem(error.message, error.reason === 'connection' ? 'ollama serve\nor set OLLAMA_BASE_URL to where it runs' : `curl ${api.server.url}/api/version`, { url: api.server.url, reason: error.reason })
  } finally {
    await api.close()
  }
}

async function ask(api: OllamaApi, spec: OllamaSpec, signal: AbortSignal): Promise<Finding> {
  const { server } = api
  const version = await versionOf(api, signal)
  const facts = { url: server.url, version: version ?? null, model: spec.model }
  const stored = await findStored(api, signal)
  if (stored === undefined) return problem(notPulled(server), `ollama pull ${spec.model}`, facts)
  const elsewhere = stored.remote_host ?? stored.remote_model
  if (elsewhere) return problem(answeredElsewhere(server, elsewhere), 'ollama pull hermes3:3b\nHERMES_MODEL_NAME=hermes3:3b', facts)
  const loaded = await findLoaded(api, signal)
  const context = loaded?.context_length ?? await madeFor(api, signal)
  return together([
    ok(`Ollama ${version ?? 'of unknown version'} at ${server.url} has ${spec.model}${loaded === undefined ? '' : ', loaded'}${context === undefined ? '' : `, with a context of ${context} tokens`}.`, { ...facts, context_length: context ?? null, is_loaded: loaded !== undefined }),
    ...version !== undefined && isOlder(version) ? [warning(`Ollama ${version} cuts prompts that are too long without a word; since ${oldestVersion.join('.')} Switch can forbid it.`, 'curl -fsSL https://ollama.com/install.sh | sh')] : [],
    ...context !== undefined && context < spec.contextLength ? [warning(`${spec.model} has a context of ${context} tokens there, and ${spec.contextLength} are configured.`, loaded === undefined ? `HERMES_CONTEXT_LENGTH=${context}` : `ollama stop ${spec.model}\nthen Switch loads it with its own context; or HERMES_CONTEXT_LENGTH=${context}`)] : []
  ])
}

async function versionOf(api: OllamaApi, signal: AbortSignal): Promise<string | undefined> {
  return z.object({ version: z.string() }).safeParse(await api.json({ method: 'GET', path: '/api/version' }, signal)).data?.version
}

/** Tokens of the longest context, as its header says; undefined where Ollama does not tell. */
async function madeFor(api: OllamaApi, signal: AbortSignal): Promise<number | undefined> {
  const { data } = z.object({ model_info: z.record(z.string(), z.unknown()) }).safeParse(await api.json({ method: 'POST', path: '/api/show', body: { model: api.server.model } }, signal))
  const length = data?.model_info[`${String(data.model_info['general.architecture'])}.context_length`]
  return typeof length === 'number' && length > 0 ? length : undefined
}

/** 0.0.0 is a build of one's own. */
function isOlder(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  const [oldMajor, oldMinor, oldPatch] = oldestVersion as [number, number, number]
  const order = major - oldMajor || minor - oldMinor || patch - oldPatch
  return order < 0 && version !== '0.0.0'
}
