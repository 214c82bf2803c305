// The grammar of calls: names of the tools, and arguments that are valid under their schemas.
import type { Tool } from '../../../../inference/request.ts'
import { literal } from '../json-grammar/expression.ts'
import { GrammarBuilder } from '../json-grammar/grammar-builder.ts'
import type { CallFormat } from '../prompt/chat-format.ts'
import { noParameters } from '../prompt/history.ts'
import { beforeArguments } from './call-text.ts'

/** A small model may find no end. */
const mostCalls = 16

export type CallGrammarInput = {
  readonly format: CallFormat
  readonly tools: readonly Tool[]
  readonly isParallel: boolean
}

/** One rule after the opening of the first call. */
export function callsAfterOpening({ format, tools, isParallel }: CallGrammarInput): string {
  const builder = new GrammarBuilder()
  return builder.toString(callsRule(builder, { format, tools, isParallel }))
}

/** Calls, or JSON that is valid under `schema`; any object without one. */
export function callsOrJson(input: CallGrammarInput, schema: Readonly<Record<string, unknown>> | undefined): string {
  const builder = new GrammarBuilder()
  const json = schema === undefined ? builder.addAnyObject() : builder.addSchema(schema)
  return builder.toString(`${json} | ${literal(input.format.opening)} ${callsRule(builder, input)}`)
}

function callsRule(builder: GrammarBuilder, { format, tools, isParallel }: CallGrammarInput): string {
  const calls = tools.map(({ function: { name, parameters } }) => [
    literal(beforeArguments(format.paramsPrefix, name)), builder.addSchema(parameters === undefined ? noParameters : { type: 'object', ...parameters }), literal(format.suffix)
  ].join(' '))
  const call = `(${calls.join(' | ')})`
  return isParallel ? `${call} (${literal(format.between)} ${call}){0,${mostCalls - 1}}` : call
}
