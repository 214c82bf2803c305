// The receipt in headers: who answers, as far as it is known when the headers leave.
import type { FastifyReply } from 'fastify'
import { attemptsHeader } from '../inference/receipt.ts'
import type { Attempt } from '../inference/receipt.ts'

export function addReceiptHeaders(reply: FastifyReply, { id, attempts }: { readonly id: string, readonly attempts: readonly Attempt[] }): void {
  reply.header('X-Switch-Inference-Id', id).header('X-Switch-Attempts', printable(attemptsHeader(attempts)))
  const answering = attempts.at(-1)
  if (answering?.outcome !== 'running' && answering?.outcome !== 'success') return
  reply
    .header('X-Switch-Backend', printable(answering.backend))
    .header('X-Switch-Model', printable(answering.model))
    .header('X-Switch-Degraded', String(attempts.some(({ backend }) => backend !== answering.backend)))
}

/** A model's name may come from the caller, and a header takes no line ends. */
function printable(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?')
}
