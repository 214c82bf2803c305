// What the model says to each question when nothing was said before and nobody else is served: one fresh service for each.
import { startSwitch } from '../support/switch-process.ts'
import { call } from './caller.ts'
import { longest, questions } from './questions.ts'
import type { Question } from './questions.ts'

/** Services at once. */
const lanes = 2

/** Answers by the name of their question. @throws when an answer does not have its own mark, and so would prove nothing */
export async function coldAnswers(env: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const left = [longest, ...questions]
  const answers = new Map<string, string>()
  const work = async () => {
    for (let question = left.shift(); question !== undefined; question = left.shift()) answers.set(question.name, await coldAnswer(question, env))
  }
  await Promise.all(Array.from({ length: lanes }, work))
  return answers
}

async function coldAnswer(question: Question, env: NodeJS.ProcessEnv): Promise<string> {
  const service = await startSwitch({ hasLocalModel: true, env: { ...env, HERMES_MAX_CONCURRENT: '1' } })
  try {
    const { text, ending, code } = await call(service.url, { fate: 'answer', question, messages: question.messages, isStreamed: false, fields: {} })
    if (ending !== 'done' || !text.includes(question.mark)) throw new Error(`Asked alone, "${question.name}" should have "${question.mark}" in its answer, but it is ${code ?? `"${text}"`}. Choose another question.`)
    return text
  } finally {
    await service.stop()
  }
}
