// The setting that holds what a backend is configured with, for advice.
import type { OpenAiSpec } from '../config/specs.ts'

const prefixes: Readonly<Record<string, string>> = { openai: 'OPENAI', deepseek: 'DEEPSEEK' }

/** Such as OPENAI_API_KEY; of a backend of the YAML file its path there. */
export function keySetting({ name }: Pick<OpenAiSpec, 'name'>): string {
  return prefixes[name] === undefined ? `backends.${name}.api_key` : `${prefixes[name]}_API_KEY`
}

export function modelSetting({ name }: Pick<OpenAiSpec, 'name'>): string {
  return prefixes[name] === undefined ? `backends.${name}.model` : `${prefixes[name]}_MODEL`
}
