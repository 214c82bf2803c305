// A model on disk: what it is, whether it runs, and the change that can be made.
import { useState } from 'preact/hooks'
import type { AvailableModel } from '../../../routes/models/available-models.ts'
import type { ModelReport } from '../../../routes/models/model-report.ts'
import { busyModels, loadModel, unloadModel } from '../state/models.ts'
import { bytes, count, megabytes } from '../text/format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Progress } from './progress.tsx'

/** @param running the backend's report, where this is its model */
export function ModelRow({ model, running }: { model: AvailableModel, running: ModelReport | undefined }) {
  const { name, size_bytes, parameters_b, quantisation, native_context, problem, warning } = model
  const facts = [bytes(size_bytes), parameters_b !== null && `${parameters_b} B parameters`, quantisation, native_context !== null && `${count(native_context)} tokens of context`]
  return (
    <li class="model">
      <div class="words">
        <h4>{name} {running && <RunningBadge running={running} />}</h4>
        <p class="subtitle">{facts.filter(Boolean).join(' · ')}</p>
        {(problem ?? warning) !== null && <p class={problem ? 'error' : 'note'}>{problem ?? warning}</p>}
        {running?.memory_usage_mb != null && <p class="note">Takes {megabytes(running.memory_usage_mb)} of memory.</p>}
        {running?.state === 'loading' && <Progress share={running.load_progress} label={`Loading ${name}`} />}
      </div>
      <Change name={name} running={running} isUsable={problem === null} />
    </li>
  )
}

function RunningBadge({ running: { state, backend } }: { running: ModelReport }) {
  if (state === 'ready') return <span class="badge good"><span aria-hidden="true">✓</span> Runs on {backend}</span>
  return <span class="badge quiet"><span aria-hidden="true">○</span> {backend}: {state}</span>
}

function Change({ name, running, isUsable }: { name: string, running: ModelReport | undefined, isUsable: boolean }) {
  const [isAsking, setAsking] = useState(false)
  const isBusy = busyModels.value.has(name)
  if (running?.state !== 'ready') return <button type="button" disabled={isBusy || !isUsable || running?.state === 'loading'} onClick={() => void loadModel(name)}>{isBusy ? 'Loading…' : 'Load'}</button>
  return (
    <>
      <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>{isBusy ? 'Unloading…' : 'Unload'}</button>
      {isAsking && (
        <ConfirmDialog title={`Unload ${name}?`} action="Unload" onClose={() => setAsking(false)} onConfirm={() => void unloadModel(name, running.backend)}>
          Requests that it answers now are finished. After that {running.backend} answers nothing until a model is loaded again; its requests go to the next backend of their route.
        </ConfirmDialog>
      )}
    </>
  )
}
