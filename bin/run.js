// node bin/run.js FILE.ts [ARG ...]: runs a development script of this project.
import { launch } from './launch.js'

const [entry, ...args] = process.argv.slice(2)
await launch(entry, args, { development: !entry.startsWith('src') })
