// What a container hides: an address inside it is not one outside, and its users are not those of the host.
import { isLoopback } from '../../config/loopback.ts'
import type { Config } from '../../config/schema.ts'
import { ok, skipped, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

export function checkContainer({ container, uid, gid }: Pick<Machine, 'container' | 'uid' | 'gid'>, { HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>): Finding {
  if (container === undefined) return skipped('It runs in no container.')
  const facts = { container, uid: uid ?? null, gid: gid ?? null }
  const found = `It runs in a container (${container}) as user ${uid}:${gid}.`
  if (isLoopback(HOST)) return warning(`${found} HOST=${HOST} is reached from inside this container alone, also when port ${PORT} is published.`, 'HOST=0.0.0.0, with a SWITCH_TOKEN', facts)
  return ok(`${found} Folders that are mounted into it must belong to that user to be written.`, facts)
}
