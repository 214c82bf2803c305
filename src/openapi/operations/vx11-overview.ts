// What VX11's services ask about Switch itself.
import type { Operation } from '../operation.ts'
import { jsonReply } from '../replies.ts'
import { errorSchema } from '../schemas/error.ts'
import { availableModelsSchema, contextSchema, controlAnswerSchema, engineSelectionSchema, fluzoSchema, providersSchema, queueStatusSchema } from '../schemas/vx11.ts'

export const vx11OverviewOperations: readonly Operation[] = [
  { route: 'GET /switch/queue/status', id: 'vx11QueueStatus', tag: 'VX11', summary: 'How many wait', description: '`items` is empty: what waits are prompts, which are private.', replies: { 200: jsonReply('The queue.', queueStatusSchema) } },
  { route: 'GET /switch/models/available', id: 'vx11Models', tag: 'VX11', summary: 'The model of each backend', replies: { 200: jsonReply('The models.', availableModelsSchema) } },
  { route: 'GET /switch/providers', id: 'vx11Providers', tag: 'VX11', summary: 'The backends', replies: { 200: jsonReply('The backends.', providersSchema) } },
  { route: 'GET /switch/context', id: 'vx11Context', tag: 'VX11', summary: 'Switch in short', replies: { 200: jsonReply('Switch in short.', contextSchema) } },
  { route: 'GET /switch/fluzo', id: 'vx11Fluzo', tag: 'VX11', summary: 'The power profile, which Switch does not measure', replies: { 200: jsonReply('That it does not.', fluzoSchema) } },
  {
    route: 'POST /switch/control', id: 'vx11Control', tag: 'VX11', summary: 'Modes, of which Switch has one',
    body: {
      name: 'Vx11ControlRequest',
      fields: { action: 'get_mode, list_modes or set_mode.', action_type: 'The same, where action is absent.', op: 'The same, where both are absent.', mode: 'Of set_mode.' },
      examples: { get: { summary: 'The mode', value: { action: 'get_mode' } }, set: { summary: 'Another mode, which there is not', value: { action: 'set_mode', mode: 'ECO' } } }
    },
    replies: { 200: jsonReply('The mode, or why nothing was changed.', controlAnswerSchema) }
  },
  {
    route: 'POST /switch/hermes/select_engine', id: 'vx11SelectEngine', tag: 'VX11', summary: 'Which backend answers, and where it can be asked',
    body: {
      name: 'Vx11EngineRequest',
      fields: { engine_id: 'A backend or its model.', available_engines: 'The first of them that can answer is taken; without it those of the default route.' },
      examples: { any: { summary: 'Whatever can answer', value: { available_engines: ['hermes'] } } }
    },
    replies: { 200: jsonReply('The backend.', engineSelectionSchema), 404: jsonReply('`SWITCH_ROUTE_UNKNOWN`: there is no such engine. Hermes passes a 404 on to its own caller.', errorSchema) }
  }
]
