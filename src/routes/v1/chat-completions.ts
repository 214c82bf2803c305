// POST /v1/chat/completions: OpenAI's conversation, on whatever backend answers.
import type { FastifyInstance } from 'fastify'
import { startInference } from '../../inference/inference.ts'
import { textOf } from '../../inference/message-text.ts'
import { replyWithInference } from '../inference-reply.ts'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { ChatForm } from './chat-form.ts'
import { chatBodySchema, toInferenceRequest } from './chat-schema.ts'
import type { ChatBody } from './chat-schema.ts'
import { requestOptions } from './request-options.ts'

/** Pictures travel within the body. */
export const chatBodyLimitBytes = 16 * 1024 * 1024

export async function chatCompletionsRoute(app: FastifyInstance, options: InferenceRouteOptions): Promise<void> {
  app.post<{ Body: ChatBody }>('/v1/chat/completions', { schema: { body: chatBodySchema }, bodyLimit: chatBodyLimitBytes }, async (request, reply) => {
    const { body } = request
    const inference = startInference(options.service, toInferenceRequest(body), requestOptions(request, body, options.defaultTimeoutSeconds))
    return replyWithInference(request, reply, options, {
      inference,
      prompt: textOf(body.messages.at(-1)!),
      isStream: body.stream ?? false,
      form: new ChatForm(inference, body.stream_options?.include_usage ?? false)
    })
  })
}
