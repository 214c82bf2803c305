// Writes what people read of the configuration: .env.example and the table of the README.
import { defaultOf, factsOf, variableNames } from './schema.ts'

/** The text of .env.example: every variable, commented out, with its default. */
export function renderEnvExample(): string {
  const blocks = variableNames.map((name) => {
    const { description, expected } = factsOf(name)
    return `# ${description}.\n# Takes ${expected}.\n#${name}=${defaultOf(name) ?? ''}\n`
  })
  return `# Every setting of Switch. Copy this file to .env and uncomment what you change.\n\n${blocks.join('\n')}`
}

/** The configuration table of the README, in Markdown. */
export function renderConfigTable(): string {
  const rows = variableNames.map((name) => {
    const { description, expected } = factsOf(name)
    return `| \`${name}\` | ${defaultOf(name) === undefined ? '–' : `\`${defaultOf(name)}\``} | ${description}. Takes ${expected}. |`
  })
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
