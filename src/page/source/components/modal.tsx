// A dialog that holds the focus until it is closed, and then gives it back.
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ComponentChildren } from 'preact'

/** @param onClose called when Escape is to close it; absent: it cannot be closed */
export function Modal({ labelledBy, onClose, children }: { labelledBy: string, onClose?: () => void, children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const element = dialog.current!
    const before = document.activeElement as HTMLElement | null
    element.showModal()
    return () => {
      element.close()
      before?.focus()
    }
  }, [])
  const cancel = (event: Event) => {
    event.preventDefault()
    onClose?.()
  }
  // A second Escape closes whatever the first one was told.
  const reopen = () => {
    if (dialog.current?.isConnected) dialog.current.showModal()
  }
  return <dialog ref={dialog} aria-labelledby={labelledBy} onCancel={cancel} onClose={reopen}>{children}</dialog>
}
