import type { S3Address } from '../domain/s3-address.js'

/** What can be set right about a store and the way to it. What concerns the way holds for this process alone. */
export interface StoreRepair {
  /** Of the store. */
  readonly bucket: string
  /** Asks for credentials again, as if the process had just begun. */
  refreshCredentials(): Promise<void>
  /** Goes by the region that the store names for its bucket. @returns that region; undefined where it names none. */
  followRegion(): Promise<string | undefined>
  /** Puts the bucket into the path instead of the host name. @returns false when it is there already. */
  usePathStyle(): Promise<boolean>
  /** Makes the bucket of the store. @throws S3Error */
  createBucket(): Promise<'created' | 'exists'>
  /** Makes an object visible that a delete marker hides. @returns false when none does. @throws S3Error */
  removeDeleteMarker(address: S3Address): Promise<boolean>
}
