// Chooses where models are pulled from: Ollama when it runs the local model, else the model hub.
import type { Config } from '../../config/schema.ts'
import type { Log } from '../../observability/log.ts'
import { readCatalogue } from '../catalogue.ts'
import { HubPuller } from './hub-puller.ts'
import { OllamaPuller } from './ollama-puller.ts'
import type { Puller } from './puller.ts'

/** @param folder HERMES_MODEL_DIR by default */
export function createPuller(config: Config, log: Log, folder: string = config.HERMES_MODEL_DIR): Puller {
  const catalogue = readCatalogue()
  if (config.HERMES_FRAMEWORK === 'ollama') return new OllamaPuller({ catalogue, baseUrl: config.OLLAMA_BASE_URL })
  return new HubPuller({ catalogue, folder, endpoint: new URL(config.HF_ENDPOINT), token: config.HF_TOKEN, log })
}
