// Can Switch answer now? The one answer at the top of the page, with its reason and what to do.
import type { BackendReport, ServiceStatus } from '../../../routes/events-contract.ts'
import { longDuration, percent } from './format.ts'
import { reasonText, remedy, sentence } from './reasons.ts'

export type Verdict = {
  readonly tone: 'good' | 'warning' | 'bad'
  readonly title: string
  /** Who answers, or why nobody does. */
  readonly why: string
  /** What a person can do; undefined when nothing is to be done. */
  readonly advice?: string
}

export function verdictOf({ routes, backends }: Pick<ServiceStatus, 'routes' | 'backends'>): Verdict {
  const names = routes.find(({ name }) => name === 'default')?.backends ?? []
  const route = names.flatMap((name) => backends.find((backend) => backend.name === name) ?? [])
  const [first] = route
  if (first === undefined) return { tone: 'bad', title: 'Cannot answer', why: 'No backend is configured for the default route.', advice: 'Set OPENAI_API_KEY or HERMES_ENABLE=true, then restart Switch.' }
  const answering = route.find(({ can_answer }) => can_answer)
  if (answering === undefined) return unable(route)
  const who = `${answering.name} answers with ${answering.model}.`
  if (answering !== first) {
    const passed = route.slice(0, route.indexOf(answering))
    const advice = passed.map(adviceFor).find((one) => one !== undefined)
    return { tone: 'warning', title: 'Answering from a fallback', why: `${who} ${passed.map(obstacleOf).join(' ')}`, ...advice !== undefined && { advice } }
  }
  if (first.breaker.state === 'half-open') return { tone: 'warning', title: 'Recovering', why: `The next request tries ${first.name} again: ${reasonText(first.breaker.reason ?? 'connection')} the last time.${relief(route)}` }
  if (first.state !== 'ready') return { tone: 'good', title: 'Ready', why: `${first.name} is asleep: the next request wakes ${first.model}.` }
  return { tone: 'good', title: 'Ready', why: who }
}

function relief([, ...others]: readonly BackendReport[]): string {
  const next = others.find(({ can_answer }) => can_answer)
  return next ? ` If it fails, ${next.name} answers.` : ''
}

function unable(route: readonly BackendReport[]): Verdict {
  const loading = route.find(({ state }) => state === 'loading')
  if (loading) {
    const progress = loading.load_progress === null ? '' : ` ${percent(loading.load_progress)} done.`
    return { tone: 'warning', title: 'Getting ready', why: `${loading.name} is loading ${loading.model}.${progress} Requests wait for it.` }
  }
  const advice = route.map(adviceFor).find((one) => one !== undefined)
  return { tone: 'bad', title: 'Cannot answer', why: route.map(obstacleOf).join(' '), ...advice !== undefined && { advice } }
}

/** Why this backend does not answer, in a sentence. */
export function obstacleOf({ name, state, reason, breaker, load_progress }: BackendReport): string {
  if (breaker.state === 'open') {
    const seconds = Math.ceil((breaker.retry_in_ms ?? 0) / 1000)
    return `${name} is left alone for another ${longDuration(seconds)}: ${reasonText(breaker.reason ?? 'connection')}.`
  }
  if (reason !== null && state !== 'ready') return sentence(reason)
  if (state === 'loading') return `${name} is loading its model${load_progress === null ? '' : `, ${percent(load_progress)} done`}.`
  if (state === 'unloaded' || state === 'unloading') return `The model of ${name} is unloaded.`
  return `${name} is not ready.`
}

/** The reason of a state says what to do by itself; that of a breaker does not. */
function adviceFor({ state, loads_on_demand, breaker, name }: BackendReport): string | undefined {
  if (breaker.state === 'open' && breaker.reason) return remedy(breaker.reason)
  return state === 'unloaded' && !loads_on_demand ? `Load the model of ${name} under Models.` : undefined
}
