// Which Ollama server a backend speaks with, and whether a prompt given to it stays on the operator's machines.
import { BlockList, isIP } from 'node:net'

/** What requests and messages need to know of the server. */
export type OllamaServer = {
  /** The backend that asks. */
  readonly backend: string
  readonly model: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Path before /api; empty, or without a slash at its end. */
  readonly prefix: string
  /** Origin and prefix, as messages name the server. Holds no credentials. */
  readonly url: string
  readonly isLocal: boolean
}

/** @throws Error that says what to do when `baseUrl` is no http(s) address */
export function ollamaServer(backend: string, model: string, baseUrl: string): OllamaServer {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`The base URL of backend ${backend} must be an http or https address such as http://127.0.0.1:11434, not ${JSON.stringify(baseUrl)}.`)
  }
  // Ollama's own OLLAMA_HOST=0.0.0.0 means every address to a server and none to a client.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  const prefix = url.pathname.replace(/\/+$/, '')
  return { backend, model, origin: url.origin, prefix, url: `${url.origin}${prefix}`, isLocal: isLocalHost(url.hostname) }
}

const privateAddresses = new BlockList()
for (const [network, bits] of [['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]] as const) privateAddresses.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [['::1', 128], ['fc00::', 7], ['fe80::', 10]] as const) privateAddresses.addSubnet(network, bits, 'ipv6')

/** Loopback, private addresses, names without a dot (a service of a compose file) and *.localhost, *.local, *.internal. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family !== 0) return privateAddresses.check(host, family === 4 ? 'ipv4' : 'ipv6')
  return !host.includes('.') || /\.(localhost|local|internal)$/i.test(host)
}
