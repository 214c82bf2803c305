// What is asked of the servers that Switch hands requests to. None of it costs a token.
import { isLoopbackUrl } from '../config/loopback.ts'
import { isLocalSpec } from '../config/specs.ts'
import type { BackendSpec } from '../config/specs.ts'
import { checkOllama } from './checks/ollama.ts'
import { checkProxy, proxyVariables } from './checks/proxy.ts'
import { checkRemote } from './checks/remote.ts'
import { skipped } from './finding.ts'
import type { Ground } from './ground.ts'
import type { Check } from './run-checks.ts'

export function backendChecks({ specs: { backends }, environment }: Ground): Check[] {
  const checks = backends.flatMap((spec) => checkOf(spec, proxyVariables(environment)) ?? [])
  const none: Check = { name: 'backends', run: () => skipped('No backend is another server: neither OPENAI_API_KEY nor DEEPSEEK_API_KEY is set, and nothing uses Ollama.') }
  return [
    { name: 'proxy', run: () => checkProxy(environment, backends.some((spec) => !isLocalSpec(spec))) },
    ...checks.length === 0 ? [none] : checks
  ]
}

function checkOf(spec: BackendSpec, proxies: readonly string[]): Check | undefined {
  if (spec.type === 'llama-cpp') return undefined
  const common = { name: `backend ${spec.name}`, needsNetwork: !isLoopbackUrl(spec.baseUrl) }
  if (spec.type === 'ollama') return { ...common, run: (signal) => checkOllama(spec, signal) }
  return { ...common, run: (signal) => checkRemote(spec, isLoopbackUrl(spec.baseUrl) ? [] : proxies, signal) }
}
