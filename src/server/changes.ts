import type { Registry } from '../registry/registry.js'

/** Which values that the registry gave back are of a call that changed something. */
export interface Changes {
  /** @param value - as the registry gave it. */
  has(value: object): boolean
  /** Ends the listening. */
  close(): void
}

/**
 * `deployModel`, `archiveModel` and `restoreModel` give the same back whether they found something to change or not,
 * and tell of it only when they did. What is told of is the very value that is given back, and it is told before.
 */
export function watchChanges({ events }: Registry): Changes {
  const changed = new WeakSet<object>()
  const ends = [
    events.on('deployed', ({ deployment }) => void changed.add(deployment)),
    events.on('archived', ({ record }) => void changed.add(record)),
    events.on('restored', ({ record }) => void changed.add(record)),
  ]
  return {
    has: (value) => changed.has(value),
    close() {
      for (const end of ends) end()
    },
  }
}
