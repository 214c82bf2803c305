// Asks before something is done that requests will notice.
import type { ComponentChildren } from 'preact'
import { Modal } from './modal.tsx'

export type ConfirmDialogProps = { title: string, action: string, onClose: () => void, onConfirm: () => void, children: ComponentChildren }

export function ConfirmDialog({ title, action, onClose, onConfirm, children }: ConfirmDialogProps) {
  const confirm = () => {
    onConfirm()
    onClose()
  }
  return (
    <Modal labelledBy="confirm-title" onClose={onClose}>
      <h2 id="confirm-title">{title}</h2>
      <p>{children}</p>
      <div class="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="primary" onClick={confirm}>{action}</button>
      </div>
    </Modal>
  )
}
