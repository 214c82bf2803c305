// The settings themselves: what is wrong, what is no setting at all, and what has no effect as things are.
import type { Environment } from '../../config/load.ts'
import { unknownVariables } from '../../config/load.ts'
import type { ConfigProblem } from '../../config/problem.ts'
import { defaultOf, variableNames } from '../../config/schema.ts'
import type { Config, VariableName } from '../../config/schema.ts'
import { nearNames } from '../../models/near-names.ts'
import { ok, problem, together, warning } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { idleSettings } from '../idle-settings.ts'
import { installation } from '../usable-configuration.ts'

export type SettingsQuestion = { readonly environment: Environment, readonly config: Config, readonly problems: readonly ConfigProblem[], readonly container: string | undefined }

export function checkSettings({ environment, config, problems, container }: SettingsQuestion): Finding {
  const set = variableNames.filter((name) => environment[name]?.trim())
  return together([
    ok(`${set.length} of ${variableNames.length} settings are set, and all are understood.`, { set }),
    ...problems.map(wrongFinding),
    ...unknownVariables(environment).map(unknownFinding),
    ...idleSettings(environment, config, container !== undefined).map(({ name, why }) => warning(`${name} has no effect: ${why}.`, `Take ${name} out of the environment and .env`))
  ])
}

function wrongFinding({ name, expected, received }: ConfigProblem): Finding {
  return problem(`${name}: expected ${expected}, received ${received}.`, mendingOf(name))
}

function mendingOf(name: string): string {
  if (name === installation) return 'git checkout -- models package.json\nor install Switch anew'
  if (!isVariable(name)) return `Mend ${name}, then: npx switch config check`
  if (name === 'SWITCH_TOKEN') return 'echo "SWITCH_TOKEN=$(openssl rand -hex 32)" >> .env'
  const value = defaultOf(name)
  return value === undefined ? `Set ${name} to what it takes, or take it out of the environment and .env` : `${name}=${value}`
}

function unknownFinding(name: string): Finding {
  const [near] = nearNames(name, variableNames)
  return warning(`${name} is no setting of Switch and has no effect.`, near === undefined ? `Take ${name} out of the environment and .env; .env.example lists the settings` : `Rename ${name} to ${near}`)
}

function isVariable(name: string): name is VariableName {
  return (variableNames as readonly string[]).includes(name)
}
