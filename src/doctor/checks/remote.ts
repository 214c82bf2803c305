// A server in OpenAI's form: reached, the key accepted, the model there. GET /models tells all that and costs no token.
import { Failures } from '../../backends/openai/failures.ts'
import { errorOfReply, reasonOf } from '../../backends/openai/provider-error.ts'
import { Transport } from '../../backends/openai/transport.ts'
import type { OpenAiSpec } from '../../config/specs.ts'
import { ok, problem, warning } from '../finding.ts'
import type { Facts, Finding } from '../finding.ts'
import { keySetting } from '../key-setting.ts'
import { judgeListing } from '../model-listing.ts'
import { askForModels } from '../remote-reply.ts'
import type { RemoteReply } from '../remote-reply.ts'
import { unreachable } from '../unreachable.ts'

const patienceMs = 10_000
/** Servers without a list of models. */
const withoutListing = new Set([404, 405])

/** @param proxies names of the proxy variables that are set */
export async function checkRemote(spec: OpenAiSpec, proxies: readonly string[], signal: AbortSignal): Promise<Finding> {
  const transport = new Transport({ baseUrl: new URL(spec.baseUrl), apiKey: spec.apiKey, organisation: spec.organisation })
  try {
    return judge(spec, await askForModels(transport, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])))
  } catch (error) {
    return unreachable(spec, error, proxies)
  } finally {
    await transport.close()
  }
}

function judge(spec: OpenAiSpec, reply: RemoteReply): Finding {
  const { status, durationMs } = reply
  const facts = { url: spec.baseUrl, status, duration_ms: durationMs, model: spec.model }
  if (status >= 200 && status < 300) return judgeListing(spec, reply, facts)
  if (withoutListing.has(status)) return ok(`${spec.baseUrl} answers in ${durationMs} ms and has no list of models: whether it accepts the key shows with the first request.`, facts)
  return refused(spec, reply, facts)
}

function refused(spec: OpenAiSpec, { status, body }: RemoteReply, facts: Facts): Finding {
  const error = errorOfReply(status, body)
  const { message } = new Failures(spec.name, spec.apiKey).provider(error)
  const key = keySetting(spec)
  const told = { ...facts, reason: reasonOf(error) }
  switch (told.reason) {
    case 'unauthorized': return problem(`${message} The key was refused.`, `Make a new key with its provider, then set it: ${key}=…`, told)
    case 'quota_exhausted': return problem(`${message} The account has no quota left.`, `Pay it up with its provider, or take ${key} out so that the others answer at once`, told)
    case 'rate_limited': return warning(`${message} The key is accepted, and too much was asked with it.`, 'Wait a moment, then: npx switch doctor', told)
    case 'server_error': return warning(`${message} That is a failure of its own.`, 'Look at the status page of the provider; until then the next backend of the route answers', told)
    default: return problem(`${message} That is no answer of a server in OpenAI's form.`, `Set the base URL of ${spec.name} to the address before /chat/completions, such as https://api.openai.com/v1`, told)
  }
}
