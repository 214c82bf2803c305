// The backends in the order of the default route, then the others.
import { status } from '../state/connection.ts'
import { BackendCard } from './backend-card.tsx'

export function Backends() {
  const { backends, routes } = status.value!
  const route = routes.find(({ name }) => name === 'default')?.backends ?? []
  const ordered = backends.toSorted((a, b) => placeIn(route, a.name) - placeIn(route, b.name))
  return (
    <section aria-labelledby="backends-title">
      <h2 id="backends-title">Backends</h2>
      {backends.length === 0 && <p class="empty">No backend is configured. Set OPENAI_API_KEY or HERMES_ENABLE=true, then restart Switch.</p>}
      <ul class="cards">{ordered.map((backend) => <BackendCard key={backend.name} backend={backend} place={route.indexOf(backend.name) + 1} />)}</ul>
    </section>
  )
}

function placeIn(route: readonly string[], name: string): number {
  const index = route.indexOf(name)
  return index === -1 ? route.length : index
}
