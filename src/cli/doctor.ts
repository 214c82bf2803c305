// switch doctor: looks at everything that Switch needs, and says how to mend what is amiss. Works with a broken configuration too.
import { stripVTControlCharacters, styleText } from 'node:util'
import { examine } from '../doctor/doctor.ts'
import { readGround } from '../doctor/ground.ts'
import type { Result } from '../doctor/finding.ts'
import type { Report } from '../doctor/run-checks.ts'

export type DoctorCommandOptions = { json?: boolean, offline?: boolean, verify?: boolean }

type Mark = { readonly sign: string, readonly word: string, readonly colour: 'green' | 'yellow' | 'red' | 'dim' }

const marks: Readonly<Record<Result, Mark>> = {
  ok: { sign: '✓', word: 'ok', colour: 'green' },
  warning: { sign: '!', word: 'warning', colour: 'yellow' },
  problem: { sign: '✗', word: 'problem', colour: 'red' },
  skipped: { sign: '-', word: 'skipped', colour: 'dim' }
}

export async function doctor({ json = false, offline = false, verify = false }: DoctorCommandOptions): Promise<void> {
  const ground = await readGround(process.env, '.env', { isOffline: offline, isVerifying: verify })
  const reports = await examine(ground)
  if (json) console.log(JSON.stringify(reports, null, 2))
  else console.log(render(reports, process.stdout.isTTY === true))
  process.exitCode = reports.some(({ result }) => result === 'problem') ? 1 : 0
  // A disk or a driver that hangs must not keep a process that has said all.
  setTimeout(() => process.exit(), 1000).unref()
}

/** @param isTerminal signs in colour (unless NO_COLOR is set); otherwise plain words */
export function render(reports: readonly Report[], isTerminal: boolean): string {
  const nameWidth = Math.max(...reports.map(({ check }) => check.length))
  const lines = reports.flatMap(({ check, result, message, advice = '' }) => {
    const start = `${markOf(result, isTerminal)}  ${check.padEnd(nameWidth)}  `
    const indent = ' '.repeat(stripVTControlCharacters(start).length)
    return [`${start}${message}`, ...advice.split('\n').filter((line) => line !== '').map((line) => `${indent}${isTerminal ? '→' : 'do:'} ${line}`)]
  })
  return [...lines, '', summary(reports)].join('\n')
}

function markOf(result: Result, isTerminal: boolean): string {
  const { sign, word, colour } = marks[result]
  return isTerminal ? styleText(colour, sign) : word.padEnd('problem'.length)
}

function summary(reports: readonly Report[]): string {
  const count = (result: Result) => reports.filter((report) => report.result === result).length
  const [problems, warnings] = [count('problem'), count('warning')]
  return `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${count('ok')} ok, ${count('skipped')} skipped`
}
