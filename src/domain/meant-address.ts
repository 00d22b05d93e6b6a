/** Longer than any address, its scheme and its host. */
const LONGEST = 4096

/**
 * The address that a text seems to mean, unchecked; undefined where nothing can be told. For texts that are no address:
 * URLs of S3 and of stores that speak its language, ARNs, another scheme or its misspelling, a bucket and key alone.
 *
 * A path of a local file is not taken for a bucket and a key.
 */
export function meantAddress(text: string): string | undefined {
  const plain = text
    .slice(0, LONGEST)
    .trim()
    .replace(/^(["'`<])(.*)(["'`>])$/s, '$2')
    .replaceAll('\\', '/')
  const url = /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?\//i.test(plain) ? `https://${plain}` : plain
  const place = /^https?:\/\//i.test(url) ? fromUrl(url) : (fromArn(plain) ?? fromScheme(plain))
  if (place === undefined) return undefined
  const [bucket = '', ...key] = place.split('/').filter((part) => part !== '')
  return key.length === 0 ? undefined : `s3://${bucket.toLowerCase()}/${key.join('/')}`
}

/** Amazon S3 User Guide, "Amazon S3 resources": `arn:partition:s3:::bucket/key`. */
function fromArn(text: string): string | undefined {
  return /^arn:aws[a-z-]*:s3:::(.+)$/i.exec(text)?.[1]
}

/** `S3://`, `s3:/`, `s3:`, `s3a://` and `s3n://` of Hadoop, and nothing at all before `bucket/key`. */
function fromScheme(text: string): string | undefined {
  const named = /^s3[an]?:\/*(.+)$/is.exec(text)?.[1] ?? /^s3\/\/+(.+)$/is.exec(text)?.[1]
  if (named !== undefined) return withoutQuery(named)
  const isPath = /^(?:[./~]|[a-z]:|[a-z][a-z0-9+.-]*:\/)/i.test(text)
  return isPath ? undefined : text
}

function fromUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  const path = decoded(url.pathname)
  if (path === undefined) return undefined
  if (/(?:^|\.)console\.(?:aws\.amazon|amazonaws)\.(?:com|cn)$/.test(url.hostname))
    return fromConsole(path, url.searchParams)
  const bucket = bucketOfHost(url.hostname)
  if (bucket !== undefined) return `${bucket}/${path}`
  return isStore(url) ? path.replace(SUPABASE, '') : undefined
}

/** The page of an object in the console: its bucket in the path, its key as `prefix`. */
function fromConsole(path: string, query: URLSearchParams): string | undefined {
  const bucket = /^\/s3\/(?:object|buckets)\/([^/]+)/.exec(path)?.[1]
  const key = query.get('prefix') ?? /^\/s3\/object\/[^/]+\/(.+)$/.exec(path)?.[1]
  return bucket === undefined || !key ? undefined : `${bucket}/${key}`
}

/**
 * The bucket in front of the store's own name; a bucket may have dots. Amazon S3 User Guide, "Virtual hosting of
 * buckets"; Backblaze, Wasabi and Scaleway name their hosts alike, DigitalOcean without the `s3`.
 */
function bucketOfHost(host: string): string | undefined {
  return (
    /^(.+)\.s3(?:[.-][a-z0-9-]+){0,3}\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1] ??
    /^(.+)\.s3\.[a-z0-9-]+\.(?:backblazeb2|wasabisys|scw)\.(?:com|cloud)$/.exec(host)?.[1] ??
    /^([^.]+)\.[a-z0-9-]+\.digitaloceanspaces\.com$/.exec(host)?.[1]
  )
}

const SUPABASE = /^\/storage\/v1\/(?:s3|object(?:\/(?:public|sign|authenticated))?)\//

/** Hosts that take the bucket as the first part of the path. Any other web page is not taken for a store. */
function isStore({ hostname, port, pathname }: URL): boolean {
  return (
    port !== '' ||
    hostname === 'localhost' ||
    /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ||
    /^s3(?:[.-][a-z0-9-]+)*\./.test(hostname) ||
    /\.(?:r2\.cloudflarestorage|digitaloceanspaces)\.com$/.test(hostname) ||
    SUPABASE.test(pathname)
  )
}

/** What follows a question mark is a request for the object, such as `?versionId=…`, and no part of its key. */
function withoutQuery(text: string): string {
  return text.replace(/\?.*$/s, '')
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    // A lone percent sign: not to be guessed at.
    return undefined
  }
}
