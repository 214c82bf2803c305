// Asks for the token when the service wants one.
import { useState } from 'preact/hooks'
import { isTokenWrong, phase } from '../state/connection.ts'
import { rememberToken } from '../state/token.ts'
import { Modal } from './modal.tsx'

export function TokenDialog() {
  if (phase.value !== 'locked') return null
  return <Modal labelledBy="token-title"><TokenForm /></Modal>
}

function TokenForm() {
  const [value, setValue] = useState('')
  const enter = (event: Event) => {
    event.preventDefault()
    rememberToken(value.trim())
  }
  return (
    <form onSubmit={enter}>
      <h2 id="token-title">This service needs a token</h2>
      <p>It is one of those in SWITCH_TOKEN. This tab keeps it until it is closed, and sends it to this service alone.</p>
      <label class="field wide">Token
        <input type="password" required value={value} onInput={({ currentTarget }) => setValue(currentTarget.value)} autocomplete="off" aria-describedby={isTokenWrong.value ? 'token-problem' : undefined} aria-invalid={isTokenWrong.value} />
      </label>
      {isTokenWrong.value && <p class="error" id="token-problem" role="alert">That token was not accepted.</p>}
      <div class="actions"><button type="submit" class="primary">Open</button></div>
    </form>
  )
}
