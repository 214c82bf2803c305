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

program.command('config')
  .description('the settings, the backends and the routes')
  .command('check')
  .description('print what the environment and the YAML file configure, or every problem; ends with code 2 when there is one')
  .argument('[file]', 'YAML file to check instead of SWITCH_CONFIG')
  .option('--json', 'print it as JSON')
  .action(async (file, options) => (await import('./cli/config.ts')).checkConfig(file, options))

const models = program.command('models')
  .description('the models of the local backend: what there is, what lies in the folder, which one answers')

models.command('list')
  .description('what lies in the model folder, measured, and which model answers')
  .option('--catalogue', 'also what can be pulled')
  .option('--json', 'print it as JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (options) => (await import('./cli/models/list.ts')).list(options))

models.command('pull')
  .description('download a model of the catalogue, or any GGUF file of a repository')
  .argument('<name>', 'catalogue id, OWNER/REPOSITORY:FILE.gguf or address')
  .option('--force', 'download it again although it is there')
  .option('--json', 'print each step as a line of JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (name, options) => (await import('./cli/models/pull.ts')).pull(name, options))

models.command('verify')
  .description('check files against the checksums of the catalogue, else their headers and lengths; ends with code 1 when one is bad')
  .argument('[names...]', 'models; all by default')
  .option('--json', 'print it as JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (names, options) => (await import('./cli/models/verify.ts')).verify(names, options))

models.command('use')
  .description('make a model the one that answers; a running service changes over to it')
  .argument('<name>', 'a model of the folder, or switch-tiny')
  .option('--fallback', 'as the one that HERMES_FALLBACK_MODEL=auto takes')
  .option('--json', 'print it as JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (name, options) => (await import('./cli/models/use.ts')).use(name, options))

models.command('remove')
  .description('delete a model from the folder')
  .argument('<name>', 'a model of the folder')
  .option('--yes', 'do not ask')
  .option('--force', 'also the one that answers by default')
  .option('--json', 'print it as JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (name, options) => (await import('./cli/models/remove.ts')).remove(name, options))

models.command('prepare')
  .description('write README.md, .config.json and ollama_models/ of the model folder after what lies there')
  .option('--json', 'print it as JSON')
  .option('--dir <folder>', 'model folder, instead of HERMES_MODEL_DIR')
  .action(async (options) => (await import('./cli/models/prepare.ts')).prepare(options))

program.command('doctor')
  .description('look at everything that Switch needs and say how to mend what is amiss; ends with code 1 when there is a problem')
  .option('--json', 'print the findings as JSON')
  .option('--offline', 'leave out what needs a network')
  .option('--verify', 'compare model files with their checksums, which reads them whole')
  .action(async (options) => (await import('./cli/doctor.ts')).doctor(options))

program.command('drill')
  .description('let a fake upstream fail in every known way and see what this configuration makes of it')
  .option('--json', 'print the rows as JSON')
  .option('--real-times', 'wait as long as the configuration says instead of a second')
  .action(async (options) => (await import('./cli/drill.ts')).runDrill(options))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
