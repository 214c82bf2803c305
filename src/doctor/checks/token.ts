// The token: whether there must be one, whether there is, and whether it can be guessed.
import { acceptedTokens } from '../../config/load.ts'
import { isLoopback } from '../../config/loopback.ts'
import type { Config } from '../../config/schema.ts'
import { ok, problem, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'

const newToken = 'echo "SWITCH_TOKEN=$(openssl rand -hex 32)" >> .env'
const shortest = 16
const fewestDifferent = 8
/** What stands in examples, and what people write first. */
const common = /^(your|my|vx11|switch|test|change|example|secret|token|password|default|admin|dev|local)(?:[-_. ]|$)/i

export function checkToken(config: Config): Finding {
  const tokens = acceptedTokens(config)
  const isOpen = !isLoopback(config.HOST)
  const weak = tokens.filter(isWeak)
  const facts = { tokens: tokens.length, weak_tokens: weak.length, host: config.HOST, is_reachable_by_others: isOpen }
  if (tokens.length === 0) {
    if (isOpen) return problem(`HOST=${config.HOST} is reachable from other machines and no token is set: the service refuses to start.`, newToken, facts)
    return ok(`No token is set: only this machine can reach ${config.HOST}, and whoever is on it may ask.`, facts)
  }
  if (weak.length > 0) return warning(`${weak.length} of ${tokens.length} ${tokens.length === 1 ? 'token' : 'tokens'} can be guessed: shorter than ${shortest} characters, of few different ones, or a word of examples.${isOpen ? ` HOST=${config.HOST} is reachable from other machines.` : ''}`, newToken, facts)
  return ok(`${tokens.length} ${tokens.length === 1 ? 'token is' : 'tokens are'} set, none easily guessed; the service listens on ${config.HOST}.`, facts)
}

function isWeak(token: string): boolean {
  return token.length < shortest || new Set(token).size < fewestDifferent || (common.test(token) && token.length < 2 * shortest)
}
