import type { CauseFix } from '../cause.js'

/** Repairs as a cause names them; what they do is in the `fix.ts` of the codes that they serve. */

export const waitForDatabase: CauseFix = {
  id: 'wait-for-database',
  applicability: 'safe',
  does: 'wait until the database takes changes again',
}

export const checkpointDatabase: CauseFix = {
  id: 'checkpoint-database',
  applicability: 'safe',
  does: 'move what is in the log of the database into the database, which gives the room of the log back',
}

export const waitForDeployment: CauseFix = {
  id: 'wait-for-deployment',
  applicability: 'safe',
  does: 'wait until the other deployment has ended, and release its lock when its lease has run out',
}

export const recheckPolicy: CauseFix = {
  id: 'recheck-policy',
  applicability: 'safe',
  does: 'check the policy again until it is met, as by approvals that others give',
}

export const releaseReservation: CauseFix = {
  id: 'release-reservation',
  applicability: 'safe',
  does: 'wait until the other save has ended, and free the version when its lease has run out',
}

export const rereadFile: CauseFix = {
  id: 'reread-file',
  applicability: 'safe',
  does: 'read the file again and compare it with its sha256',
}
