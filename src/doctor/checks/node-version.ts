// The Node that really runs, against the oldest that runs Switch.
import { sep } from 'node:path'
import { ok, problem } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

/** Types are stripped by Node itself, and `await using` is understood. */
const oldestMajor = 24

export function checkNodeVersion({ nodeVersion, nodePath }: Pick<Machine, 'nodeVersion' | 'nodePath'>): Finding {
  const isPinned = nodePath.includes(`node_modules${sep}node${sep}`)
  const facts = { node_version: nodeVersion, node_path: nodePath, is_pinned: isPinned }
  const where = isPinned ? 'the one pinned in node_modules' : nodePath
  if (Number.parseInt(nodeVersion) >= oldestMajor) return ok(`Node ${nodeVersion} runs it (${where}).`, facts)
  return problem(`Node ${nodeVersion} runs it (${where}), and Switch needs Node ${oldestMajor} or newer.`, 'npm ci, then npx switch doctor: that starts the Node of node_modules', facts)
}
