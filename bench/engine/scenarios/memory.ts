// What the processes hold in memory after all that came before.
import { Figures } from '../figures.ts'
import { familyOf, residentMb } from '../resident-memory.ts'
import { everybody } from '../stage.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'

export const memory: Scenario = { title: 'after the scenarios, the model file among it where it is mapped', run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  for (const { name, pid } of everybody(stage)) {
    const family = familyOf(pid)
    figures.add(name, 'MB resident, all processes', family.reduce((sum, member) => sum + residentMb(member), 0))
    if (name !== 'Switch') continue
    figures.add('Switch, server', 'MB resident, one process', residentMb(pid))
    figures.add('Switch, engine', 'MB resident, one process', residentMb(family.at(-1)!))
  }
  return { figures, pairs: [['Switch', 'llama-server'], ['Switch', 'node-llama-cpp']], targets: [] }
}
