// The command line: one verb, one file in cli/. Exit codes: 0 done, 1 the operation failed, 2 wrong usage.
import { Command, CommanderError } from 'commander'
import { readVersion } from './version.ts'

const program = new Command('switch')
  .description('Local-first LLM failover: an answer inside the deadline, from a remote model or from llama.cpp in the box.')
  .version(readVersion())
  .exitOverride()
  .showHelpAfterError()

program.command('serve')
  .description('run the service; settings come from the environment and .env')
  .action(async () => (await import('./cli/serve.ts')).serve())

program.command('infer')
  .description('ask a model; uses the running service, or starts one for this question')
  .argument('<prompt>', 'what to ask; - reads standard input')
  .option('--json', 'print the whole answer as JSON')
  .option('--system <text>', 'system prompt')
  .option('--model <name>', 'route, backend or backend/model')
  .option('--max-tokens <n>', 'longest answer in tokens', Number)
  .option('--temperature <t>', '0 is greedy', Number)
  .option('--timeout <seconds>', 'deadline', Number)
  .option('--url <url>', 'service to ask, instead of HOST and PORT')
  .action(async (prompt, options) => (await import('./cli/infer.ts')).infer(prompt, options))

program.command('health')
  .description('tell whether the running service can answer from its local model now')
  .option('--json', 'print the health report as JSON')
  .option('--url <url>', 'service to ask, instead of HOST and PORT')
  .action(async (options) => (await import('./cli/health.ts')).health(options))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
