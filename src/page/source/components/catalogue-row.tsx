// A model of the catalogue that is not on disk.
import type { ServiceFacts } from '../../../routes/events-contract.ts'
import { busyModels, pullModel } from '../state/models.ts'
import { bytes } from '../text/format.ts'

export function CatalogueRow({ entry }: { entry: ServiceFacts['catalogue'][number] }) {
  const { id, title, size_bytes, parameters_b, quantisation, licence, is_gated, note } = entry
  const facts = [title, size_bytes !== null && bytes(size_bytes), `${parameters_b} B parameters`, quantisation, licence, is_gated && 'needs an account that accepted its terms']
  const isBusy = busyModels.value.has(id)
  return (
    <li class="model">
      <div class="words">
        <h4>{id}</h4>
        <p class="subtitle">{facts.filter(Boolean).join(' · ')}</p>
        <p class="note">{note}</p>
      </div>
      <button type="button" disabled={isBusy} aria-label={`Pull ${id}`} onClick={() => void pullModel(id)}>{isBusy ? 'Pulling…' : 'Pull'}</button>
    </li>
  )
}
