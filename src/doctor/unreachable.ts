// Why a server was not reached: its name, the way, or the certificate, each with what mends it.
import { Failures } from '../backends/openai/failures.ts'
import { transportCode } from '../backends/openai/transport-failure.ts'
import type { OpenAiSpec } from '../config/specs.ts'
import { problem } from './finding.ts'
import type { Finding } from './finding.ts'

type Cause = { readonly codes: RegExp, readonly why: string, readonly advice: (host: string) => string }

const causes: readonly Cause[] = [
  { codes: /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/, why: 'its name cannot be resolved', advice: (host) => `Check the spelling of the base URL and the resolver: getent hosts ${host}; cat /etc/resolv.conf` },
  { codes: /^(ENETUNREACH|ENETDOWN|EHOSTUNREACH)$/, why: 'there is no way to it', advice: () => 'Check the network: ip route' },
  { codes: /^ECONNREFUSED$/, why: 'nobody listens there', advice: () => 'Start that server, or mend the base URL' },
  { codes: /TIMEOUT|^ETIMEDOUT$|^TimeoutError$/, why: 'it does not answer in time', advice: (host) => `A firewall may drop it; try: curl -v https://${host}/` },
  { codes: /^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/, why: 'its certificate is not valid at this time', advice: () => 'Check the clock: date -u; sudo timedatectl set-ntp true' },
  { codes: /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/, why: 'its certificate is not trusted', advice: () => 'For a certificate of your own, or a proxy that opens TLS: NODE_EXTRA_CA_CERTS=/path/to/ca.pem' },
  { codes: /^(ERR_SSL|EPROTO)/, why: 'it does not speak TLS', advice: () => 'Check http or https in the base URL' }
]

/** @param proxies names of the proxy variables that are set */
export function unreachable(spec: Pick<OpenAiSpec, 'name' | 'baseUrl' | 'apiKey'>, error: unknown, proxies: readonly string[]): Finding {
  const code = transportCode(error)
  const { hostname } = new URL(spec.baseUrl)
  const cause = causes.find(({ codes }) => codes.test(code))
  const message = cause === undefined ? new Failures(spec.name, spec.apiKey).transport(error, false).message : `${spec.name} at ${spec.baseUrl} could not be reached: ${cause.why} (${code}).`
  const proxied = proxies.length === 0 ? '' : ` ${proxies.join(', ')} ${proxies.length === 1 ? 'is' : 'are'} set, and Switch asks its backends directly.`
  return problem(`${message}${proxied}`, cause?.advice(hostname) ?? `curl -v ${spec.baseUrl}/models`, { url: spec.baseUrl, code })
}
