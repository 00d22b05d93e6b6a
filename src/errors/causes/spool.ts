import { defineCause, knownToRegistry, step } from '../cause.js'

/** The store is away, and what may be kept until it is back is used up. */
export const spoolFull = defineCause({
  id: 'spool-full',
  title: 'The spool is full',
  because: (c) =>
    `the store is away, and the spool ${c.localPath ?? 'of this machine'} has ${String(c.actual ?? 'too few')} bytes left of its limit of ${String(c.expected ?? 'fallback.maxBytes')}`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  status: 507,
  steps: () => [
    step('Once the store is back, carry over what the spool holds.', { run: 'modelry sync' }),
    step('To keep more until then, raise fallback.maxBytes in the configuration.'),
  ],
  source: 'modelry',
})

/** A spool of another machine, or another folder of this one, keeps the bytes until the store is back. */
export const pendingElsewhere = defineCause({
  id: 'pending-elsewhere',
  title: 'The bytes are pending in another spool',
  because: (c) =>
    `${c.file ?? 'a file'} is kept in the spool ${c.holder ?? 'of another machine'}, and has not reached the store yet`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  status: 409,
  steps: () => [
    step(
      'On the machine that its name begins with, set fallback.folder (MODELRY_FALLBACK_FOLDER) to its folder, and carry it over once the store is back.',
      { run: 'modelry sync' },
    ),
    step('Then make the same call again.'),
  ],
  source: 'modelry',
})
