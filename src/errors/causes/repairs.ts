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
  does: 'move the log of the database into the database, which gives its room back',
}

export const createDatabase: CauseFix = {
  id: 'create-database',
  applicability: 'needs-consent',
  does: 'make the database and its tables',
}

export const runMigrations: CauseFix = {
  id: 'run-migrations',
  applicability: 'needs-consent',
  does: 'bring the tables up to date',
}

export const waitForDeployment: CauseFix = {
  id: 'wait-for-deployment',
  applicability: 'safe',
  does: 'wait until the other deployment has ended, and release its lock when its lease has run out',
}

export const recheckPolicy: CauseFix = {
  id: 'recheck-policy',
  applicability: 'safe',
  does: 'check the policy again until it is met',
}

export const waitForSave: CauseFix = {
  id: 'wait-for-save',
  applicability: 'safe',
  does: 'wait until the other save has ended or its lease has run out',
}

export const rereadFile: CauseFix = {
  id: 'reread-file',
  applicability: 'safe',
  does: 'read the file again and compare it with its sha256',
}

export const waitForStore: CauseFix = {
  id: 'wait-for-store',
  applicability: 'safe',
  does: 'wait until the store answers again',
}

export const refreshCredentials: CauseFix = {
  id: 'refresh-credentials',
  applicability: 'safe',
  does: 'ask for credentials again',
}

export const followRegion: CauseFix = {
  id: 'follow-region',
  applicability: 'safe',
  does: 'go by the region that the store names',
}

export const checkStore: CauseFix = {
  id: 'check-store',
  applicability: 'safe',
  does: 'see whether the store can be used by now',
}

export const usePathStyle: CauseFix = {
  id: 'use-path-style',
  applicability: 'safe',
  does: 'put the bucket into the path instead of the host name',
}

export const endUploads: CauseFix = {
  id: 'end-uploads',
  applicability: 'safe',
  does: 'end the uploads that saves have left open there',
}

export const createBucket: CauseFix = {
  id: 'create-bucket',
  applicability: 'needs-consent',
  does: 'make the bucket',
}

export const removeDeleteMarker: CauseFix = {
  id: 'remove-delete-marker',
  applicability: 'needs-consent',
  does: 'remove the marker that hides the object',
}
