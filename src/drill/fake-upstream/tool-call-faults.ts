// Function calls: two of them, streamed in pieces, whole or not.
import { chunk } from './chunks.ts'
import type { FaultEntry } from './fault.ts'
import type { Reply } from './reply.ts'

const pieces = [
  [{ index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }],
  [{ index: 0, function: { arguments: '{"city":' } }],
  [{ index: 0, function: { arguments: '"Paris"}' } }],
  [{ index: 1, id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '' } }],
  [{ index: 1, function: { arguments: '{"zone":"Europe' } }],
  [{ index: 1, function: { arguments: '/Paris"}' } }]
]

function send(reply: Reply, count: number): void {
  reply.open()
  for (const tool_calls of pieces.slice(0, count)) reply.response.write(chunk(reply.model, { delta: { tool_calls } }))
}

export const toolCallFaults = {
  'tool-calls': { description: 'calls two functions, in pieces', reply: (reply) => { send(reply, pieces.length); reply.finish('tool_calls') } },
  'tool-calls-cut': { description: 'ends in the middle of a function call', reply: (reply) => { send(reply, 5); reply.response.end() } },
  'tool-calls-half': { description: 'finishes a function call whose arguments are half', reply: (reply) => { send(reply, 5); reply.finish('tool_calls') } }
} satisfies Record<string, FaultEntry>
