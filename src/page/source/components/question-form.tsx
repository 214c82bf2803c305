// What is asked, of whom, and how.
import type { TargetedEvent } from 'preact'
import { service, status } from '../state/connection.ts'
import { ask, isRunning, question, stop } from '../state/playground.ts'
import type { Question } from '../state/playground.ts'

export function QuestionForm() {
  const send = (event: Event) => {
    event.preventDefault()
    if (!isRunning.value && question.value.prompt.trim() !== '') void ask(service.value?.default_timeout_seconds ?? 30)
  }
  const sendOnEnter = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
  }
  return (
    <form onSubmit={send} onKeyDown={sendOnEnter}>
      <label class="field wide">Prompt<textarea rows={3} required value={question.value.prompt} onInput={taker('prompt')} placeholder="What is the capital of France?" /></label>
      <Limits />
      <div class="row">
        <label class="field">Route or backend<select value={question.value.model} onChange={taker('model')}><Targets /></select></label>
        {/* With keys, so that each is a button of its own: a click on one that becomes the other would ask again. */}
        {isRunning.value
          ? <button key="stop" type="button" class="stop" onClick={stop}>Stop</button>
          : <button key="ask" type="submit" class="primary" title="Ctrl+Enter">Ask</button>}
      </div>
    </form>
  )
}

function Limits() {
  return (
    <details>
      <summary>System prompt and limits</summary>
      <div class="fields">
        <label class="field wide">System prompt<textarea rows={2} value={question.value.system} onInput={taker('system')} placeholder="You answer in one sentence." /></label>
        <label class="field">Most tokens<input type="number" min={1} max={10_000_000} step={1} value={question.value.maxTokens} onInput={taker('maxTokens')} placeholder="default" /></label>
        <label class="field">Temperature<input type="number" min={0} max={2} step="any" value={question.value.temperature} onInput={taker('temperature')} placeholder="default" /></label>
      </div>
    </details>
  )
}

function Targets() {
  const { routes, backends } = status.value!
  const usable = routes.filter(({ backends: names }) => names.length > 0)
  return (
    <>
      <option value="">default route</option>
      <optgroup label="Routes">{usable.filter(({ name }) => name !== 'default').map(({ name, backends: names }) => <option key={name} value={name}>{name} ({names.join(', ')})</option>)}</optgroup>
      <optgroup label="Backends">{backends.filter(({ name }) => !usable.some((route) => route.name === name)).map(({ name, model }) => <option key={name} value={name}>{name} ({model})</option>)}</optgroup>
    </>
  )
}

function taker(field: keyof Question) {
  return ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => {
    question.value = { ...question.value, [field]: value }
  }
}
