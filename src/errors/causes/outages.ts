import type { Cause } from '../cause.js'
import { proxyInBetween } from './http-answer.js'
import {
  connectionRefused,
  connectionReset,
  hostNotFound,
  networkUnreachable,
  resolverUnavailable,
  timedOut,
} from './network.js'
import { storeFault, throttled } from './s3-service.js'

/** The store, or the way to it, does not work, and waiting may help. */
export const outages: readonly Cause[] = [
  throttled,
  storeFault,
  timedOut,
  connectionRefused,
  connectionReset,
  hostNotFound,
  networkUnreachable,
  resolverUnavailable,
  proxyInBetween,
]
