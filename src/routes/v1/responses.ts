// POST /v1/responses: OpenAI's newer form of a conversation, on whatever backend answers, and the answers kept of it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { startInference } from '../../inference/inference.ts'
import { textOf } from '../../inference/message-text.ts'
import { replyWithInference } from '../inference-reply.ts'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { chatBodyLimitBytes } from './chat-completions.ts'
import { requestOptions } from './request-options.ts'
import { messagesOf } from './responses/conversation.ts'
import type { ConversationItem } from './responses/conversation.ts'
import { createBodySchema } from './responses/create-body.ts'
import type { CreateBody } from './responses/create-body.ts'
import { withOwnNames } from './responses/field-names.ts'
import { toInferenceRequest } from './responses/inference-request.ts'
import { ResponseForm } from './responses/response-form.ts'
import type { ResponseObject } from './responses/response-object.ts'
import { ResponseStore } from './responses/response-store.ts'
import { storedResponsesRoute } from './responses/stored-responses.ts'
import { turnOf } from './responses/turn.ts'

export async function responsesRoute(app: FastifyInstance, options: InferenceRouteOptions): Promise<void> {
  const store = new ResponseStore()
  await app.register(storedResponsesRoute, { store })
  app.post<{ Body: CreateBody }>('/v1/responses', { schema: { body: createBodySchema }, bodyLimit: chatBodyLimitBytes }, async (request, reply) => {
    const { input, conversation } = turnOf(request.body, store)
    const onEnd = (response: ResponseObject) => {
      if (response.store) store.put({ response, input, conversation: [...conversation, ...response.output] })
    }
    try {
      return await replyTo(request, reply, options, conversation, onEnd)
    } catch (error) {
      throw withOwnNames(error)
    }
  })
}

async function replyTo(request: FastifyRequest<{ Body: CreateBody }>, reply: FastifyReply, options: InferenceRouteOptions, conversation: readonly ConversationItem[], onEnd: (response: ResponseObject) => void): Promise<object> {
  const { body } = request
  const messages = messagesOf(conversation, body.instructions)
  const inference = startInference(options.service, toInferenceRequest(body, messages), requestOptions(request, body, options.defaultTimeoutSeconds))
  return replyWithInference(request, reply, options, {
    inference,
    prompt: textOf(messages.at(-1)!),
    isStream: body.stream ?? false,
    form: new ResponseForm({ inference, body, onEnd })
  })
}
