// Things that work less well than they could, as the service says them.
import { status } from '../state/connection.ts'

export function Warnings() {
  const warnings = status.value?.warnings ?? []
  if (warnings.length === 0) return null
  return <ul class="banner warning">{warnings.map((text) => <li key={text}>{text}</li>)}</ul>
}
