// The state of a backend as a badge: a symbol and a word.
import type { BackendReport } from '../../../routes/events-contract.ts'

export function BackendState({ backend: { state, breaker, loads_on_demand } }: { backend: BackendReport }) {
  const [tone, symbol, text] = describe(state, breaker.state, loads_on_demand)
  return <span class={`badge ${tone}`}><span aria-hidden="true">{symbol}</span> {text}</span>
}

function describe(state: BackendReport['state'], breaker: BackendReport['breaker']['state'], wakes: boolean): readonly [tone: string, symbol: string, text: string] {
  if (state === 'failed') return ['bad', '✕', 'Failed']
  if (state === 'loading') return ['warning', '…', 'Loading']
  if (state === 'unloading') return ['quiet', '…', 'Unloading']
  if (state === 'unloaded') return ['quiet', '○', wakes ? 'Asleep' : 'Unloaded']
  if (breaker === 'open') return ['bad', '✕', 'Left alone']
  return breaker === 'half-open' ? ['warning', '!', 'On trial'] : ['good', '✓', 'Ready']
}
