import type { ErrorContext } from '../errors/cause.js'
import { mask } from './mask.js'
import { spokenProblems } from './read/problems.js'

/** Values are looked for this far before and after the evidence. */
const BEFORE = 3000
const AFTER = 5000

/** What was looked for, found or not. */
type Values = { readonly [Name in keyof ErrorContext]: ErrorContext[Name] | undefined }

/**
 * What the text says of the place of the failure: bucket, key, host, role, table, model. Each is taken from the nearest
 * place that names it, so that a step can carry it. Secrets are masked first, so that no piece of one is taken.
 */
export function collectValues(text: string, at: number): ErrorContext {
  const near = mask(text.slice(Math.max(0, at - BEFORE), at + AFTER))
  return present({
    ...ofStore(near),
    ...ofHost(near),
    ...ofDatabase(near),
    ...ofRegistry(near),
    ...ofDisk(near),
    retryInMs: retryIn(near),
  })
}

function ofStore(text: string): Values {
  const address = /\bs3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\s'"`<>),;\\]{1,1024})/.exec(text)
  const arn = /\barn:aws[\w-]{0,12}:s3:::([a-z0-9][a-z0-9.-]{1,62})(?:\/([^\s"'<>\\]{1,1024}))?/.exec(text)
  const hosted =
    /https?:\/\/([a-z0-9][a-z0-9.-]{1,62})\.s3[.-](?:[a-z0-9-]{4,24}\.)?amazonaws\.com\/([^\s"'<>?\\]{0,1024})/.exec(
      text,
    )
  const [, bucket, key] = address ?? arn ?? hosted ?? []
  const path =
    field(text, /(?:BucketName|Bucket)/, NAME) ?? bucket ?? /Bucket:? `([a-z0-9.-]{3,63})`/.exec(text)?.[1]
  const endpoint =
    /\bhttps?:\/\/(?![\w.-]*amazonaws\.com)(?:[\w-]+\.)*[\w-]+(?::\d{2,5})?(?=\/|"|'|\s|$)/.exec(text)?.[0]
  return {
    bucket: path,
    key: trimmed(field(text, /Key/, /[^"'<>\s\\,]{1,1024}/) ?? (key === '*' ? undefined : key)),
    s3Path: address === null ? undefined : trimmed(address[0]),
    region: /region ['"]([a-z0-9-]{4,24})['"] is wrong/.exec(text)?.[1],
    expected:
      /expecting ['"]([a-z0-9-]{4,24})['"]/.exec(text)?.[1] ??
      /is in (?:this region: )?['"]?([a-z]{2}-[a-z]+-\d)/.exec(text)?.[1],
    endpoint: endpoint !== undefined && /minio|s3|9000|r2|storage/i.test(endpoint) ? endpoint : undefined,
    action: /\bperform: ([a-z0-9]{2,24}:[A-Za-z*]{1,64})/.exec(text)?.[1],
    identity: /\barn:aws[\w-]{0,12}:(?:iam|sts)::\d{0,12}:[\w+=,.@/-]{1,128}/.exec(text)?.[0],
  }
}

function ofHost(text: string): Values {
  const dialled =
    /(?:ECONN\w+|ETIMEDOUT|E(?:HOST|NET)UNREACH|dial tcp|attempted address:|Can't reach database server at `|to host `?host=)\s*\[?([\w.:-]{2,253}?)\]?:(\d{1,5})\b/.exec(
      text,
    )
  const server = /connection to server at "([^"\s\\]{1,253})"(?: \([^)]{1,64}\))?, port (\d{1,5})/.exec(text)
  const endpoint = /endpoint URL: "?https?:\/\/([\w.-]{1,253})(?::(\d{1,5}))?/.exec(text)
  const named =
    field(text, /hostname|host/, /[\w.-]{2,253}/) ??
    /(?:ENOTFOUND|EAI_AGAIN|ESERVFAIL|resolve host:|lookup|host name "|Inaccessible host: `)\s*([\w.-]{2,253})/.exec(
      text,
    )?.[1]
  const [, host, port] = dialled ?? server ?? endpoint ?? []
  const digits = port ?? field(text, /port/, /\d{2,5}/)
  return {
    host: host ?? named ?? field(text, /address/, /[\d.]{7,15}/),
    port: digits === undefined ? undefined : Number(digits),
  }
}

/** Quotation marks of the languages in which servers speak. */
const quoted = (word: RegExp) =>
  new RegExp(`(?:${word.source})[\\s:]{1,2}\\\\?["'\`»«„“][\\s\u00a0]?([\\w.$-]{1,128})`, 'i')

function ofDatabase(text: string): Values {
  const table =
    quoted(/relation|table|tabelle|relación|отношение|of/).exec(text)?.[1] ??
    /no such table: ([\w.]{1,128})/.exec(text)?.[1] ??
    /constraint failed: ([\w]{1,128})\./.exec(text)?.[1] ??
    field(text, /table/, /\w{1,128}/)
  return {
    role: quoted(/user|role|benutzer|rolle|utilisateur|usuario|пользователь/).exec(text)?.[1],
    database: quoted(/database|datenbank|base de données|base de datos/).exec(text)?.[1],
    table: table?.replace(/^public\./, ''),
    column:
      quoted(/column|spalte|colonne|columna|the/).exec(text)?.[1] ??
      /no such column: ([\w.]{1,128})/.exec(text)?.[1],
    constraint: quoted(/constraint|restricción/).exec(text)?.[1] ?? field(text, /constraint/, /\w{1,128}/),
  }
}

function ofRegistry(text: string): Values {
  const ref =
    /(?<![\w@/.:-])((?:[A-Za-z0-9][\w.-]{0,127}\/)?[A-Za-z0-9][\w.-]{0,127})@(\d+\.\d+\.\d+[\w.+-]{0,64}?)(?=[\s,:;)"'\\]|\.?$|\. )/m.exec(
      text,
    )
  const problems = spokenProblems(text)
  return {
    modelId: field(text, /modelId|model_id/, /[\w./-]{1,257}/) ?? ref?.[1],
    version: field(text, /version/, /\d+\.\d+\.\d+[\w.+-]{0,64}/) ?? ref?.[2],
    environment:
      field(text, /environment/, /[a-z][\w-]{0,63}/) ??
      /\b(?:in|to) ([a-z][\w-]{1,63}) was not made/.exec(text)?.[1],
    holder:
      field(text, /holder/, /[\w.@/-]{1,128}/) ?? /because ([\w.@/-]{1,128}) is deploying/.exec(text)?.[1],
    invalidPath:
      field(text, /invalidPath/, /[^"'\s\\]{1,1024}/) ?? /The address \\?"([^"\\]{1,1024})/.exec(text)?.[1],
    nextVersion: field(text, /nextVersion/, /\d+\.\d+\.\d+[\w.+-]{0,64}/),
    file: /(?:the file|upload of) ([\w./-]{1,255}) (?:of|for)\b/.exec(text)?.[1],
    validationErrors: problems.length > 0 ? problems : undefined,
  }
}

function ofDisk(text: string): Values {
  const path =
    /\b(?:open|mkdir|unlink|scandir|stat|lstat|rename|copyfile|rmdir|write|link|opendir|access) '((?:\/|[A-Z]:\\)[^'\n]{1,1024})'/.exec(
      text,
    )?.[1] ??
    /\[Errno \d+\] [^:\n]{1,64}: '((?:\/|[A-Z]:\\)[^'\n]{1,1024})'/.exec(text)?.[1] ??
    /disk that holds (\/\S{1,1024}) is full/.exec(text)?.[1]
  return { localPath: path }
}

function retryIn(text: string): number | undefined {
  const milliseconds = field(text, /retryInMs|inMs/, /\d{1,9}/)
  if (milliseconds !== undefined) return Number(milliseconds)
  const seconds =
    /retry[- ]after["'\\]{0,2}\s?[:=]?\s?["'\\]{0,2}(\d{1,6})\b/i.exec(text)?.[1] ??
    /next probe is in (\d{1,6}) s\b/.exec(text)?.[1] ??
    /(?:retry|try again) in (\d{1,6}) ?s(?:ec|\b)/i.exec(text)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

const NAME = /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/

/** The value of a field: `name: 'value'`, `"name":"value"`, `name=value`, `<name>value<`. */
function field(text: string, name: RegExp, value: RegExp): string | undefined {
  return new RegExp(
    `(?<![\\w-])(?:${name.source})\\\\?["']?\\s{0,2}[:=>]\\s{0,2}\\\\?["'\`]?(${value.source})(?=[\\\\"'\`<,;)\\s}&]|$)`,
  ).exec(text)?.[1]
}

/** Without the punctuation of the sentence around it. */
function trimmed(value: string | undefined): string | undefined {
  return value?.replace(/[.:]+$/, '')
}

function present(values: Values): ErrorContext {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''))
}
