// A fake upstream in a process of its own, so that its floods do not delay the one that measures. Takes fault steps as messages.
import { startFakeUpstream } from '../../src/drill/fake-upstream/server.ts'
import type { FaultStep } from '../../src/drill/fake-upstream/faults.ts'

const upstream = await startFakeUpstream({ wordDelayMs: Number(process.argv[2] ?? 0) })
process.on('message', async (step: FaultStep) => {
  await upstream.setFault(step)
  process.send!({})
})
process.once('disconnect', () => process.exit())
process.send!({ url: upstream.url })
