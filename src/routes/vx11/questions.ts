// The questions that VX11's services ask: POST /switch/chat, /route-v5, /route, /intent_router, /task and /advice.
import type { FastifyInstance } from 'fastify'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import type { QuestionBody } from './body.ts'
import { addQuestionRoute } from './question-route.ts'
import type { QuestionForm } from './question-route.ts'
import { isFields, isText, jsonOf, textIn } from './question-text.ts'
import type { Fields } from './question-text.ts'
import { adviceLimit, chatLimit, routeLimit, taskLimit } from './time-limits.ts'

const chat: QuestionForm = { path: '/switch/chat', limit: chatLimit, usualSource: 'operator', failedStatus: 'error' }

/** The gateway asks madre instead when this route says that Switch is offline. */
const route = (path: string): QuestionForm => ({ path, limit: routeLimit, usualSource: 'operator', failedStatus: 'service_offline', find: (body) => textIn(body) ?? jsonOf(body) })

/** Kinds of task that ask for an answer to the text, no more. */
const plainTasks = new Set(['', 'task', 'general', 'chat', 'intent'])

const task: QuestionForm = { path: '/switch/task', limit: taskLimit, failedStatus: 'error', find: taskPrompt, instruct: taskInstruction }

const advice: QuestionForm = { path: '/switch/advice', limit: adviceLimit, failedStatus: 'error', find: advicePrompt, maxTokens: 96, further: adviceFields }

export function questionRoutes(app: FastifyInstance, options: InferenceRouteOptions): void {
  for (const form of [chat, route('/switch/route-v5'), route('/switch/route'), route('/switch/intent_router'), task, advice]) addQuestionRoute(app, options, form)
}

/** The payload's text; else all of the payload, with the kind of task before it. */
function taskPrompt(body: QuestionBody): string | undefined {
  const { payload } = body
  const text = isText(payload) ? payload : isFields(payload) ? textIn(payload) : undefined
  if (text !== undefined) return text
  const json = isFields(payload) ? jsonOf(payload) : undefined
  return json === undefined ? textIn(body) : `${body.task_type || 'task'}: ${json}`
}

/** A text alone does not say what is to be done with it. */
function taskInstruction({ task_type: taskType, payload, messages }: QuestionBody): string | undefined {
  const isPlain = taskType === undefined || plainTasks.has(taskType.toLowerCase())
  const hasText = messages !== undefined || isText(payload) || (isFields(payload) && textIn(payload) !== undefined)
  return isPlain || !hasText ? undefined : `Task: ${taskType}`
}

function advicePrompt({ incident_summary: summary, context }: QuestionBody): string | undefined {
  const incident = isText(summary) ? summary : isFields(summary) ? jsonOf(summary) : undefined
  if (incident === undefined) return undefined
  const more = isFields(context) ? jsonOf(context) : undefined
  return `What should be done about this incident? Answer with one short recommendation a line.\n${incident}${more === undefined ? '' : `\n${more}`}`
}

/** Switch gives no score: a number would be invented. */
function adviceFields({ incident_summary: summary }: Fields, text: string): object {
  const { severity, status } = isFields(summary) ? summary : {}
  const recommendations = text.split('\n').map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim()).filter((line) => line !== '')
  return { recommendations, scoring: { score: null, severity: [severity, status].find(isText) ?? 'unknown' } }
}
