// A model that is being pulled: how far it is, how fast, and how long it takes yet.
import type { PullProgress } from '../../../models/download/progress.ts'
import { bytes, longDuration } from '../text/format.ts'
import { Progress } from './progress.tsx'

const statusTexts = { resolving: 'Looking for it', downloading: 'Pulling', verifying: 'Checking its checksum', done: 'Done' }

export function DownloadRow({ progress }: { progress: PullProgress }) {
  const { model, status, downloaded_bytes, total_bytes, bytes_per_second, seconds_left } = progress
  const share = total_bytes === null || total_bytes === 0 ? null : downloaded_bytes / total_bytes
  const facts = [
    statusTexts[status], total_bytes === null ? bytes(downloaded_bytes) : `${bytes(downloaded_bytes)} of ${bytes(total_bytes)}`,
    bytes_per_second !== null && `${bytes(bytes_per_second)}/s`, seconds_left !== null && `${longDuration(seconds_left)} left`
  ]
  return (
    <li class="model">
      <div class="words">
        <h4>{model}</h4>
        <Progress share={share} label={`Pulling ${model}`} />
        <p class="subtitle">{facts.filter(Boolean).join(' · ')}</p>
        <p class="note">It goes on when you close this page. What has come is kept when it breaks off.</p>
      </div>
    </li>
  )
}
