// VX11's gateway as Switch meets it: how it calls, when it stops calling, and what it does without an answer.
import type { Clock } from '../../src/inference/clock.ts'

export type Json = Record<string, unknown>

const failuresToOpen = 3
const openMs = 60_000

/** The gateway's client of one module. Every answer but a 2xx is a failure, and its body is thrown away. */
export class ModuleClient {
  readonly #module: string
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #clock: Clock
  #openedAt = 0
  #failures = 0
  /** All there ever were; a success forgives those in a row. */
  failures = 0
  state: 'closed' | 'open' | 'half-open' = 'closed'

  constructor(module: string, url: string, headers: Record<string, string>, clock: Clock) {
    this.#module = module
    this.#url = url
    this.#headers = headers
    this.#clock = clock
  }

  /** @param body undefined: a GET */
  async call(path: string, body?: Json, timeoutMs = 15_000): Promise<Json> {
    if (this.state === 'open' && this.#clock.now() - this.#openedAt <= openMs) return { status: 'service_offline', module: this.#module, reason: 'circuit_open' }
    if (this.state === 'open') this.state = 'half-open'
    try {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const response = await fetch(this.#url + path, { ...init, headers: { 'Content-Type': 'application/json', ...this.#headers }, signal: AbortSignal.timeout(timeoutMs) })
      if (response.status >= 300) {
        await response.body?.cancel()
        this.#fail()
        return { status: 'error', code: response.status }
      }
      const json = await response.json() as Json
      this.#failures = 0
      this.state = 'closed'
      return json
    } catch (error) {
      this.#fail()
      return { status: 'service_offline', module: this.#module, error: String(error) }
    }
  }

  #fail(): void {
    this.#openedAt = this.#clock.now()
    this.failures++
    if (++this.#failures >= failuresToOpen) this.state = 'open'
  }
}

/** What the gateway's users call, with what stands behind Switch. */
export class Gateway {
  readonly switch: ModuleClient
  /** Questions that madre was asked because Switch was offline. */
  readonly madreAsked: string[] = []

  constructor(url: string, clock: Clock, token = 'vx11-test-token') {
    this.switch = new ModuleClient('switch', url, { 'X-VX11-Token': token }, clock)
  }

  /** POST /operator/api/chat: what is no error is shown as Switch's answer, whatever it says of itself. */
  async apiChat(message: string, sessionId = 'session'): Promise<Json> {
    const answer = await this.switch.call('/switch/chat', { message, session_id: sessionId }, 6000)
    if (answer['status'] === 'service_offline' || answer['status'] === 'error') {
      return { response: 'Degraded: no model is reachable.', model: 'local_llm_degraded', fallback_source: 'local_llm_degraded', degraded: true, session_id: sessionId }
    }
    return { ...answer, model: answer['model'] ?? 'copilot_cli', fallback_source: 'switch_cli_copilot', degraded: false }
  }

  /** POST /operator/chat: madre answers only when Switch is said to be offline. */
  async chat(message: string, sessionId = 'session', context = ''): Promise<Json> {
    const answer = await this.switch.call('/switch/route-v5', { prompt: message, session_id: sessionId, metadata: context === '' ? {} : { context_summary: context } })
    if (answer['status'] !== 'service_offline' || answer['module'] !== 'switch') return answer
    this.madreAsked.push(message)
    return { response: 'Madre here.', status: 'DONE', provider: 'madre' }
  }

  /** POST /operator/task. */
  async task(taskType: string, payload: Json, hint?: string): Promise<Json> {
    return this.switch.call('/switch/task', { task_type: taskType, payload: { session_id: 'session', user_id: 'local', ...payload }, source: 'operator', ...(hint !== undefined && { provider_hint: hint }) })
  }

  async health(): Promise<Json> {
    return this.switch.call('/health')
  }
}
