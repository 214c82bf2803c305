// The formats that a grammar enforces, each as a regular expression for it or for its usual form.

const day = '(0[1-9]|1[0-9]|2[0-8])'
const leapYear = '([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)'
const date = `([0-9]{4}-((0[13578]|1[02])-(${day}|29|30|31)|(0[469]|11)-(${day}|29|30)|02-${day})|${leapYear}-02-29)`
const hour = '([01][0-9]|2[0-3])'
const time = `${hour}:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]${hour}:[0-5][0-9])`
const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const label = '[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?'

export const formatPatterns: Readonly<Record<string, string>> = {
  date: `^${date}$`,
  time: `^${time}$`,
  'date-time': `^${date}T${time}$`,
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  ipv4: `^${octet}\\.${octet}\\.${octet}\\.${octet}$`,
  hostname: `^${label}(\\.${label}){0,3}$`,
  email: `^[A-Za-z0-9]([A-Za-z0-9_+-]{0,30}[A-Za-z0-9])?(\\.[A-Za-z0-9_+-]{1,30}){0,2}@${label}(\\.${label}){1,3}$`
}
