// What is asked of the service to be: its settings, its address, its token, its routes and its cache.
import { join, resolve } from 'node:path'
import { checkFolder, folderState } from './checks/folder.ts'
import { checkPort } from './checks/port.ts'
import { checkRoutes } from './checks/routes.ts'
import { checkSavedStates } from './checks/saved-states.ts'
import { checkSettings } from './checks/settings.ts'
import { checkToken } from './checks/token.ts'
import type { Ground } from './ground.ts'
import type { Check } from './run-checks.ts'

export function serviceChecks(ground: Ground): Check[] {
  const { config, machine, specs, environment, problems } = ground
  const cacheBytes = config.HERMES_PROMPT_CACHE_MB * 1e6
  const use = { setting: 'SWITCH_CACHE_DIR', withoutWriting: 'Nothing is cached: prompts are evaluated anew after a restart.', neededBytes: cacheBytes, neededFor: 'the prompt states that HERMES_PROMPT_CACHE_MB allows' }
  return [
    { name: 'settings', run: () => checkSettings({ environment, config, problems, container: machine.container }) },
    { name: 'port', run: (signal) => checkPort(config, signal) },
    { name: 'token', run: () => checkToken(config) },
    { name: 'routes', run: () => checkRoutes(specs) },
    { name: 'cache folder', run: async () => checkFolder(await folderState(config.SWITCH_CACHE_DIR), use, machine) },
    { name: 'saved states', run: () => checkSavedStates(join(resolve(config.SWITCH_CACHE_DIR), 'prompt_states'), cacheBytes) }
  ]
}
