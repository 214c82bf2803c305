// What GET /models of a server in OpenAI's form says of the configured model, and of the time.
import { z } from 'zod'
import type { OpenAiSpec } from '../config/specs.ts'
import { nearNames } from '../models/near-names.ts'
import { ok, problem, together, warning } from './finding.ts'
import type { Facts, Finding } from './finding.ts'
import { modelSetting } from './key-setting.ts'
import type { RemoteReply } from './remote-reply.ts'

/** OpenAI tells when a model will be shut down: YYYY-MM-DD. */
const listing = z.object({ data: z.array(z.object({ id: z.string(), shutdown_date: z.string().nullish() })) })

const dayMs = 24 * 3600 * 1000
const soonDays = 60
/** A clock that differs by more makes certificates and signed addresses fail. */
const worstSkewSeconds = 300

export function judgeListing(spec: OpenAiSpec, { body, date, durationMs }: RemoteReply, facts: Facts, nowMs: number = Date.now()): Finding {
  const { data } = listing.safeParse(parsed(body))
  if (data === undefined) return problem(`${spec.baseUrl} answers, and not in OpenAI's form.`, `Set the base URL of ${spec.name} to the address before /chat/completions, such as https://api.openai.com/v1`, facts)
  const found = ok(`${spec.baseUrl} answers in ${durationMs} ms, ${spec.apiKey === undefined ? 'asks for no key' : 'accepts the key'} and has ${data.data.length} ${data.data.length === 1 ? 'model' : 'models'}.`, { ...facts, models: data.data.length })
  return together([found, ...modelFindings(spec, data.data, nowMs), ...skewFindings(date, nowMs)])
}

function modelFindings(spec: OpenAiSpec, models: readonly { id: string, shutdown_date?: string | null | undefined }[], nowMs: number): Finding[] {
  if (spec.model === '*') return []
  const setting = modelSetting(spec)
  const listed = models.find(({ id }) => id === spec.model)
  if (listed === undefined) {
    const near = nearNames(spec.model, models.map(({ id }) => id)).slice(0, 3)
    return [warning(`${spec.name} does not list the model ${spec.model}.`, near.length === 0 ? `Set ${setting} to one of its models` : `${setting}=${near[0]}${near.length > 1 ? `   (or ${near.slice(1).join(', ')})` : ''}`)]
  }
  const endsMs = Date.parse(listed.shutdown_date ?? '')
  if (Number.isNaN(endsMs) || endsMs - nowMs > soonDays * dayMs) return []
  const advice = `Set ${setting} to a model that goes on`
  return [endsMs <= nowMs ? problem(`${spec.model} was shut down on ${listed.shutdown_date}.`, advice) : warning(`${spec.model} will be shut down on ${listed.shutdown_date}.`, advice)]
}

function skewFindings(date: string | undefined, nowMs: number): Finding[] {
  const skewSeconds = Math.round((nowMs - Date.parse(date ?? '')) / 1000)
  if (Number.isNaN(skewSeconds) || Math.abs(skewSeconds) <= worstSkewSeconds) return []
  return [warning(`The clock of this machine is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} that of the server.`, 'sudo timedatectl set-ntp true', { clock_skew_seconds: skewSeconds })]
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
