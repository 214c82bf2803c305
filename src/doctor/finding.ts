// What one check found, and how several findings make one.

/** `skipped`: it could not or was not to be looked at, and the message says why. */
export type Result = 'ok' | 'warning' | 'problem' | 'skipped'

type Fact = string | number | boolean | null | readonly string[]

/** By names; what belongs to one backend may stand under its name. */
export type Facts = Readonly<Record<string, Fact | Readonly<Record<string, Fact>>>>

export type Finding = {
  readonly result: Result
  /** Sentences, with numbers. Never a secret. */
  readonly message: string
  /** What mends it: a command or a setting to paste, one a line, each perhaps with a word before it. */
  readonly advice?: string | undefined
  /** The numbers once more, for programs; names are snake_case with their units. */
  readonly facts?: Facts | undefined
}

export function ok(message: string, facts?: Facts): Finding {
  return { result: 'ok', message, facts }
}

export function warning(message: string, advice: string, facts?: Facts): Finding {
  return { result: 'warning', message, advice, facts }
}

export function problem(message: string, advice: string, facts?: Facts): Finding {
  return { result: 'problem', message, advice, facts }
}

export function skipped(message: string): Finding {
  return { result: 'skipped', message }
}

const gravest: readonly Result[] = ['problem', 'warning', 'ok', 'skipped']

/** As grave as the gravest; what is amiss is said, and what is well only where nothing is amiss. At least one finding. */
export function together(findings: readonly Finding[]): Finding {
  const result = gravest.find((grade) => findings.some((finding) => finding.result === grade))!
  const isAmiss = result === 'problem' || result === 'warning'
  const told = findings.filter((finding) => !isAmiss || finding.result === 'problem' || finding.result === 'warning')
  const advice = told.flatMap((finding) => finding.advice ?? [])
  return {
    result,
    message: told.map(({ message }) => message).join(' '),
    advice: advice.length === 0 ? undefined : [...new Set(advice)].join('\n'),
    facts: Object.assign({}, ...findings.map(({ facts }) => facts)) as Facts
  }
}

/** The text of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
