// Says when the page is not up to date, and why.
import { lostReason, phase, status } from '../state/connection.ts'

export function ConnectionBanner() {
  return (
    <div role="status" class="connection">
      {phase.value === 'lost' && (
        <p class="banner bad">
          <strong>Connection lost.</strong> {lostReason.value ?? 'Switch does not answer.'} Trying again{status.value ? '; what you see is from before.' : '.'}
        </p>
      )}
    </div>
  )
}
