// node-llama-cpp without Switch: the child process that runs it, asked like the other subjects.
import { end, forkBench } from '../support/child.ts'
import type { DirectAnswer, DirectQuestion } from './direct.ts'
import type { BenchModel } from './models.ts'
import { chatText } from './prompts.ts'
import { expectTokens } from './subject.ts'
import type { Answer, Question, Service } from './subject.ts'

/** It cannot be hung up on. */
export async function startDirect(model: BenchModel, sequences: number): Promise<Service> {
  const { child } = await forkBench('engine/direct.ts', [model.path, String(model.threads), String(sequences)])
  const waiting = new Map<number, PromiseWithResolvers<DirectAnswer>>()
  let lastId = 0
  child.on('message', (answer: DirectAnswer) => {
    waiting.get(answer.id)?.resolve(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', () => { for (const { reject } of waiting.values()) reject(new Error('node-llama-cpp ended in the middle of an answer')) })
  const ask = async ({ messages, maxTokens }: Question): Promise<Answer> => {
    const startedAt = performance.now()
    const question: DirectQuestion = { id: ++lastId, text: chatText(messages), maxTokens }
    const reply = Promise.withResolvers<DirectAnswer>()
    waiting.set(question.id, reply)
    child.send(question)
    const { tokenTimes, ...answer } = await reply.promise
    expectTokens('node-llama-cpp', tokenTimes.length, maxTokens)
    return { ...answer, startedAt, textTimes: tokenTimes.map((time) => startedAt + time), endedAt: performance.now(), tokens: maxTokens, queuedMs: undefined }
  }
  return { name: 'node-llama-cpp', pid: child.pid!, ask, stop: () => end(child) }
}
