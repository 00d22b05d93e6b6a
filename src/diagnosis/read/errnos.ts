/**
 * System errors by number, where a text has no name: `[Errno 28]` of Python and `WinError 10061`. Numbers of Linux, with
 * those of macOS that differ.
 */
const numbers: ReadonlyMap<number, string> = new Map([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [5, 'EIO'],
  [13, 'EACCES'],
  [17, 'EEXIST'],
  [20, 'ENOTDIR'],
  [21, 'EISDIR'],
  [23, 'ENFILE'],
  [24, 'EMFILE'],
  [27, 'EFBIG'],
  [28, 'ENOSPC'],
  [30, 'EROFS'],
  [32, 'EPIPE'],
  [36, 'ENAMETOOLONG'],
  [40, 'ELOOP'],
  [54, 'ECONNRESET'],
  [60, 'ETIMEDOUT'],
  [61, 'ECONNREFUSED'],
  [63, 'ENAMETOOLONG'],
  [65, 'EHOSTUNREACH'],
  [69, 'EDQUOT'],
  [99, 'EADDRNOTAVAIL'],
  [101, 'ENETUNREACH'],
  [103, 'ECONNABORTED'],
  [104, 'ECONNRESET'],
  [110, 'ETIMEDOUT'],
  [111, 'ECONNREFUSED'],
  [112, 'EHOSTDOWN'],
  [113, 'EHOSTUNREACH'],
  [116, 'ESTALE'],
  [122, 'EDQUOT'],
  [10053, 'ECONNABORTED'],
  [10054, 'ECONNRESET'],
  [10060, 'ETIMEDOUT'],
  [10061, 'ECONNREFUSED'],
  [11001, 'ENOTFOUND'],
])

/** Of getaddrinfo, which counts downwards. */
const resolverNumbers: ReadonlyMap<number, string> = new Map([
  [2, 'EAI_NONAME'],
  [3, 'EAI_AGAIN'],
  [5, 'EAI_NODATA'],
])

/** @param negative - the number has a minus in front, as those of the resolver have in Python. */
export function errnoName(number: number, options: { readonly negative: boolean }): string | undefined {
  return (options.negative ? resolverNumbers : numbers).get(number)
}
