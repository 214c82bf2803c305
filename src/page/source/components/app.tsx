// The page: header, verdict, then one section for each thing an operator asks.
import { phase, status } from '../state/connection.ts'
import { Backends } from './backends.tsx'
import { Charts } from './charts.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { Models } from './models.tsx'
import { Playground } from './playground.tsx'
import { Requests } from './requests.tsx'
import { TokenDialog } from './token-dialog.tsx'
import { VerdictPanel } from './verdict-panel.tsx'
import { Warnings } from './warnings.tsx'

export function App() {
  return (
    <>
      <a class="skip" href="#content">Skip to content</a>
      <Header />
      <ConnectionBanner />
      <main id="content" tabIndex={-1} class={phase.value === 'live' ? '' : 'stale'}>
        <VerdictPanel />
        <Warnings />
        {status.value && <Sections />}
      </main>
      <TokenDialog />
    </>
  )
}

function Sections() {
  return (
    <>
      <Backends />
      <Charts />
      <div class="columns">
        <Requests />
        <Playground />
      </div>
      <Models />
    </>
  )
}
