// Looks at everything that Switch needs, in the order in which a person reads it.
import { backendChecks } from './backend-checks.ts'
import type { Ground } from './ground.ts'
import { machineChecks } from './machine-checks.ts'
import { modelChecks } from './model-checks.ts'
import { runChecks } from './run-checks.ts'
import type { Report } from './run-checks.ts'
import { serviceChecks } from './service-checks.ts'

/** Side by side, each within its own time: the longest is a minute, or half an hour where models are verified. Never rejects. */
export function examine(ground: Ground): Promise<Report[]> {
  const checks = [...machineChecks(ground), ...serviceChecks(ground), ...modelChecks(ground), ...backendChecks(ground)]
  return runChecks(checks, ground.isOffline)
}
