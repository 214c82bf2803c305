// Tells whether a host is this machine itself.
import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for localhost and for addresses that never leave the machine. A name is not looked up. */
export function isLoopback(host: string): boolean {
  const version = isIP(host)
  return version === 0 ? host.toLowerCase() === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The same of an address such as http://127.0.0.1:8000/v1. */
export function isLoopbackUrl(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname.endsWith('.localhost') || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
}
