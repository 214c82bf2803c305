// The last requests, newest first, each with its receipt.
import { requests } from '../state/connection.ts'
import { RequestRow } from './request-row.tsx'

export function Requests() {
  return (
    <section class="requests" aria-labelledby="requests-title">
      <h2 id="requests-title">Last requests</h2>
      {requests.value.length > 0 && <Key />}
      {requests.value.length === 0
        ? <p class="empty card">Nothing was asked yet. Ask something in the playground, or send a request to <code>/switch/infer</code>.</p>
        : <ol class="card list">{requests.value.map((record) => <RequestRow key={record.number} record={record} />)}</ol>}
    </section>
  )
}

/** What the bars of the receipts mean. */
function Key() {
  return (
    <ul class="key" aria-label="Bars of the receipts">
      <li><span class="segment queue" aria-hidden="true" />in the queue</li>
      <li><span class="segment first-token" aria-hidden="true" />until the first token</li>
      <li><span class="segment streaming" aria-hidden="true" />streaming</li>
    </ul>
  )
}
