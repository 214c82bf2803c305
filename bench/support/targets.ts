// The targets of a benchmark: each is printed, and one that is missed makes the exit code 1.

/** Prints what was wanted, what was found and whether that is enough. */
export function expectAtMost(what: string, found: number, most: number, unit: string): void {
  judge(found <= most, `${what}: ${found.toFixed(Number.isInteger(found) ? 0 : 2)}${unit}, target at most ${most}${unit}`)
}

export function expectAtLeast(what: string, found: number, least: number, unit: string): void {
  judge(found >= least, `${what}: ${found.toFixed(2)}${unit}, target at least ${least}${unit}`)
}

/** A target whose measurement was not possible here; it does not change the exit code. */
export function notMeasured(what: string, reason: string): void {
  console.log(`not measured  ${what}: ${reason}`)
}

export function judge(isMet: boolean, line: string): void {
  console.log(`${isMet ? 'met' : 'MISSED'}  ${line}`)
  if (!isMet) process.exitCode = 1
}
