import { refuse } from '../domain/refuse.js'
import { isS3Address, parseS3Address, type S3Address } from '../domain/s3-address.js'
import type { NameRow } from '../domain/transfer-row.js'

/** Addresses below `from` go below `to`: each `s3://bucket` or `s3://bucket/folder`. */
export interface AddressRule {
  readonly from: string
  readonly to: string
}

/**
 * Where the files of an export go. A rule that is given wins over the place in which the registry chose its addresses;
 * whatever no rule names keeps its address.
 */
export class AddressMap {
  readonly #rules: readonly AddressRule[]
  readonly #used = new Map<AddressRule, number>()

  /** @throws ModelValidationError */
  constructor(given: readonly AddressRule[], places: AddressRule) {
    for (const { from, to } of given)
      for (const prefix of [from, to])
        if (!isS3Address(`${prefix}/x`))
          throw refuse('map', prefix, 's3://bucket or s3://bucket/folder, without a slash at its end')
    this.#rules = [...given, places].filter(({ from, to }) => from !== to)
  }

  row(row: NameRow): NameRow {
    if (row.row !== 'version') return row
    const files = row.files.map((file) => ({ ...file, address: this.#moved(file.address) }))
    return { ...row, s3Path: this.#moved(row.s3Path), files }
  }

  /** Counts a file that was moved by a rule. */
  count(address: S3Address): void {
    const rule = this.#ruleFor(address)
    if (rule !== undefined) this.#used.set(rule, (this.#used.get(rule) ?? 0) + 1)
  }

  /** The rules that moved files, and how many. */
  get used(): readonly (AddressRule & { readonly files: number })[] {
    return [...this.#used].map(([rule, files]) => ({ ...rule, files }))
  }

  #ruleFor(address: S3Address): AddressRule | undefined {
    return this.#rules.find(({ from }) => address.startsWith(`${from}/`))
  }

  #moved(address: S3Address): S3Address {
    const rule = this.#ruleFor(address)
    return rule === undefined ? address : parseS3Address(`${rule.to}${address.slice(rule.from.length)}`)
  }
}

export function placeAddress({ bucket, prefix }: { bucket: string; prefix?: string | undefined }): string {
  return prefix === undefined ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}
