// Variables of proxies and of TLS, which work behind everybody's back.
import type { Environment } from '../../config/load.ts'
import { ok, problem, together, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

const proxyNames = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']

/** Names of the proxy variables that are set, as they are written. NO_PROXY is among them only beside another. */
export function proxyVariables(environment: Environment): string[] {
  const set = proxyNames.flatMap((name) => [name, name.toLowerCase()]).filter((name) => environment[name]?.trim())
  return set.every((name) => name.toUpperCase() === 'NO_PROXY') ? [] : set
}

/** @param hasRemote true where a backend is on another machine */
export function checkProxy(environment: Environment, hasRemote: boolean): Finding {
  const set = proxyVariables(environment)
  const facts = { set, extra_ca_certs: environment['NODE_EXTRA_CA_CERTS'] ?? null }
  const named = set.join(', ')
  return together([
    ok(set.length === 0 ? 'No proxy is set.' : `${named} ${set.length === 1 ? 'is' : 'are'} set: models are pulled through it, and backends are asked directly.`, facts),
    ...set.length > 0 && hasRemote ? [warning(`${named} ${set.length === 1 ? 'is' : 'are'} set, and Switch asks its backends directly, not through a proxy.`, 'Where the network lets nothing out but the proxy, set OPENAI_BASE_URL to a gateway inside it; otherwise all is well')] : [],
    ...environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? [problem('NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked, and whoever is in between gets the keys.', 'unset NODE_TLS_REJECT_UNAUTHORIZED\nand for a certificate of your own: NODE_EXTRA_CA_CERTS=/path/to/ca.pem')] : []
  ])
}
