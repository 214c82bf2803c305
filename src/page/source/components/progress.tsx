// How far something is; without a share it only says that it goes on.
export function Progress({ share, label }: { share: number | null, label: string }) {
  const percent = share === null ? undefined : Math.round(share * 100)
  return (
    <span class={percent === undefined ? 'progress unknown' : 'progress'} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...percent !== undefined && { 'aria-valuenow': percent }}>
      <span style={{ width: `${percent ?? 30}%` }} />
    </span>
  )
}
