// The questions that VX11's services ask.
import { receiptHeaders, retryAfterHeader } from '../headers.ts'
import type { BodyDescription, Operation } from '../operation.ts'
import { inferenceReply } from '../replies.ts'
import { questionAnswerSchema } from '../schemas/vx11.ts'

const fields = {
  messages: 'A conversation, instead of a text.',
  session_id: 'A hint that requests belong together.',
  source: 'The service that asks; its name decides who goes first.',
  provider: 'A wish: a route, a backend, or a word that begins with local, hermes or deepseek. No reason to refuse.',
  provider_hint: 'The same, where provider is absent.',
  task_type: 'Echoed; /switch/task tells the model.',
  max_tokens: 'Tokens of the answer.',
  temperature: '0 is greedy. Without it the configured one.',
  timeout_seconds: 'The whole request; never longer than the caller of the route waits.',
  metadata: 'source, task_type, trace_id, max_tokens and context_summary are read here too.'
}

/** Fields of no fixed form, in which the text is looked for. */
const texts = { text: 'What is asked: the first of text, prompt, message, query and content that is there, also in payload.', prompt: 'See text.', message: 'See text.', query: 'See text.', content: 'See text.' }
const incident = { incident_summary: 'What happened: a text or an object.', context: 'What else is known.' }

function body(name: string, example: object, forms: Record<string, string> = texts): BodyDescription {
  return {
    name, fields, examples: { example: { summary: 'As VX11 sends it', value: example } },
    also: ({ properties }) => Object.assign(properties as object, formsOf(forms), { payload: { type: ['object', 'string', 'null'], description: 'The task of /switch/task; elsewhere a place of the text.' } })
  }
}

function formsOf(forms: Record<string, string>): object {
  return Object.fromEntries(Object.entries(forms).map(([name, description]) => [name, { type: ['string', 'object', 'null'], description }]))
}

function question(path: string, id: string, summary: string, described: BodyDescription): Operation {
  const reply = inferenceReply('The answer, or why there is none.', questionAnswerSchema)
  return {
    route: `POST /switch/${path}`, id, tag: 'VX11', summary, body: described,
    description: 'Failures have status 200 and say so in `status`, as the callers want it; Retry-After is there where it is known.',
    replies: { 200: { ...reply, headers: { ...receiptHeaders, ...retryAfterHeader } } }
  }
}

const france = 'What is the capital of France?'

export const vx11QuestionOperations: readonly Operation[] = [
  question('chat', 'vx11Chat', 'A question of the operator', body('Vx11ChatRequest', { message: france, session_id: 'session-1', metadata: { source: 'operator' } })),
  question('route-v5', 'vx11RouteV5', 'A question of the gateway', body('Vx11RouteV5Request', { prompt: france, metadata: { trace_id: 'trace-1' } })),
  question('route', 'vx11Route', 'The same, older', body('Vx11RouteRequest', { prompt: france })),
  question('intent_router', 'vx11IntentRouter', 'The same, for an intent', body('Vx11IntentRequest', { text: france, source: 'tentaculo_link' })),
  question('task', 'vx11Task', 'A task of madre or of a daughter', body('Vx11TaskRequest', { task_type: 'summary', payload: { prompt: france }, source: 'madre', provider_hint: 'local' })),
  question('advice', 'vx11Advice', 'Advice on an incident', body('Vx11AdviceRequest', { incident_summary: 'The disk is full.', context: {} }, incident))
]
