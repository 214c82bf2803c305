#!/usr/bin/env node
// The command `switch`.
import { launch } from './launch.js'

await launch('src/main.ts', process.argv.slice(2))
