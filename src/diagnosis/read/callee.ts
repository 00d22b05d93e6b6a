/** Ports at which stores, databases and registries are usually found. */
const usualPorts: ReadonlySet<number> = new Set([
  ...[80, 443, 9000, 9001, 9002, 8333, 7070, 3900, 4566],
  ...[5432, 5433, 6432, 6543, 54321, 54322],
  ...[3000],
])

/** Where the public hosts of stores and databases end; and names of private networks, which may be anything. */
const USUAL_HOST =
  /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|supabase\.(?:co|com|in)|cloudflarestorage\.com|backblazeb2\.com|digitaloceanspaces\.com|wasabisys\.com|scw\.cloud|neon\.tech|rds\.\w+|minio\.\w+|min\.io|internal|local|localdomain|lan|corp|svc|cluster\.local|invalid|test)$/i

/** What a network error says of whom it called. */
export interface Callee {
  readonly host: string
  readonly port?: number
}

/** Reads the host and port around a network error: `ECONNREFUSED 127.0.0.1:6379`, `dial tcp [::1]:8080`. */
export function calleeAt(text: string, start: number, end: number): Callee | undefined {
  const after =
    /^[\s"'\\`(:]{0,4}\[?((?:[\w-]+\.)+[\w-]+|[0-9a-f:]{3,39}|localhost|[a-z][\w-]{1,62})\]?(?::(\d{2,5}))?(?![\w.])/i.exec(
      text.slice(end, end + 160),
    )
  const before =
    /(?:dial tcp |https?:\/\/|connect to |server at |to host |localhost port )\[?([\w.:-]{2,253}?)\]?:?(?: port )?(\d{2,5})\b[^\n]{0,80}$/.exec(
      text.slice(Math.max(0, start - 240), start),
    )
  const found = before ?? after
  const [, host, digits] = found ?? []
  if (host === undefined) return undefined
  return digits === undefined ? { host } : { host, port: Number(digits) }
}

/** How much it speaks for another program that this was called: 0 where a store or database may well be there. */
export function strangenessOf({ host, port }: Callee): number {
  const domain = /[a-z]/i.test(host) && host.includes('.') && !host.includes(':')
  if (
    domain &&
    !USUAL_HOST.test(host) &&
    !/s3|minio|storage|postgres|(?:^|[.-])db(?:[.-]|$)|models?\./i.test(host)
  )
    return 2
  return port !== undefined && !usualPorts.has(port) ? 1.2 : 0
}
