// npm run document: writes .env.example and the settings table of the README from the schema.
import { readFileSync, writeFileSync } from 'node:fs'
import { renderConfigTable, renderEnvExample } from '../src/config/document.ts'

const root = new URL('..', import.meta.url)
const readme = new URL('README.md', root)

writeFileSync(new URL('.env.example', root), renderEnvExample())
writeFileSync(readme, readFileSync(readme, 'utf8').replace(/(<!-- settings -->\n)[^]*(\n<!-- \/settings -->)/, (_all, before: string, after: string) => before + renderConfigTable() + after))
