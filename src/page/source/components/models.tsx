// The models: on disk, being pulled, and to be pulled.
import { useState } from 'preact/hooks'
import { downloads, modelList, modelNews, modelProblem, pullModel, pullable } from '../state/models.ts'
import { CatalogueRow } from './catalogue-row.tsx'
import { DownloadRow } from './download-row.tsx'
import { ModelRow } from './model-row.tsx'

export function Models() {
  const list = modelList.value
  return (
    <section class="models" aria-labelledby="models-title">
      <h2 id="models-title">Models</h2>
      <p role="status" class="hidden">{modelNews.value}</p>
      {modelProblem.value !== undefined && <p class="error banner bad" role="alert">{modelProblem.value}</p>}
      {list?.warnings?.map((text) => <p key={text} class="banner warning">{text}</p>)}
      <div class="columns even">
        <div>
          <h3>On disk</h3>
          {list === undefined ? <p class="empty card" aria-busy="true">Reading the model folder…</p> : <ul class="card list">{list.available.map((model) => <ModelRow key={model.name} model={model} running={list.models.find((one) => one.model === model.name)} />)}</ul>}
        </div>
        <div>
          <h3>To pull</h3>
          <ul class="card list">
            <OtherModel />
            {downloads.value.map((progress) => <DownloadRow key={progress.model} progress={progress} />)}
            {pullable.value.filter(({ id, file }) => !downloads.value.some(({ model }) => model === id || model === file)).map((entry) => <CatalogueRow key={entry.id} entry={entry} />)}
          </ul>
        </div>
      </div>
    </section>
  )
}

function OtherModel() {
  const [name, setName] = useState('')
  const pull = (event: Event) => {
    event.preventDefault()
    void pullModel(name.trim())
    setName('')
  }
  return (
    <li class="model">
      <form class="row" onSubmit={pull}>
        <label class="field">Another model<input required value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} placeholder="OWNER/REPOSITORY:QUANTISATION" autocomplete="off" /></label>
        <button type="submit">Pull</button>
      </form>
    </li>
  )
}
