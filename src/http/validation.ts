// Validates with zod schemas and tells every problem by its path.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { SwitchError } from '../inference/errors.ts'
import type { ErrorDetail } from '../inference/errors.ts'

/** Lets routes give zod schemas; the handler gets the parsed value. */
export function addValidation(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema }) => (data) => {
    const parsed = (schema as z.ZodType).safeParse(data)
    return parsed.success ? { value: parsed.data } : { error: invalid(parsed.error) }
  })
}

function invalid(error: z.ZodError): SwitchError {
  const all = error.issues.flatMap(detailsOf)
  // One field can fail several checks; the first one says enough.
  const details = all.filter(({ path }, index) => all.findIndex((other) => other.path === path) === index)
  const sentences = details.map(({ path, reason }) => path === 'body' ? reason : `${path}: ${reason}`)
  return new SwitchError('SWITCH_REQUEST_INVALID', `The request is not valid. ${sentences.join('; ')}.`, { body: { details } })
}

function detailsOf(issue: z.core.$ZodIssue): ErrorDetail[] {
  const at = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: at === '' ? key : `${at}.${key}`, reason: 'unknown field' }))
  }
  return [{ path: at === '' ? 'body' : at, reason: issue.message }]
}
