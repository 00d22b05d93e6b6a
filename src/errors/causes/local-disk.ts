import {
  anyOf,
  commonErrno,
  commonWording,
  defineCause,
  type ErrorContext,
  errno,
  sdk,
  step,
  wording,
} from '../cause.js'
import { quote } from './place.js'

const NODE_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors'

const place = (c: ErrorContext) => c.localPath ?? c.s3Path ?? 'the folder of the artifact store'

/** ENOSPC, EDQUOT: the volume or the quota is used up. */
export const diskFull = defineCause({
  id: 'disk-full',
  title: 'The disk is full',
  because: (c) => `the disk that holds ${place(c)} is full`,
  evidence: anyOf(
    errno('ENOSPC', 'EDQUOT'),
    wording(['there is not enough space on the disk']),
    commonWording(['no space left on device', 'disk quota exceeded', 'disk is full'], {
      de: ['kein speicherplatz mehr verfügbar', 'auf dem gerät ist kein speicherplatz'],
      fr: ['aucun espace disponible sur le périphérique'],
      es: ['no queda espacio en el dispositivo'],
    }),
  ),
  retry: 'after-fix',
  status: 507,
  steps: (c) => [
    step('See how much is free on that disk.', { run: `df -h ${quote(folderOf(c))}` }),
    step('Free space there, or point MODELRY_STORE at a larger disk, then make the same call again.'),
  ],
  source: NODE_ERRORS,
})

/** EACCES, EPERM: the user that runs the process may not do this. */
export const fsPermission = defineCause({
  id: 'fs-permission',
  title: 'No permission on the local disk',
  because: (c) => `this process has no permission on ${place(c)}`,
  evidence: anyOf(
    commonErrno('EACCES', 'EPERM'),
    commonWording(['permission denied', 'operation not permitted'], {
      de: ['keine berechtigung'],
      fr: ['permission non accordée'],
      es: ['permiso denegado'],
    }),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See who owns the folder and who may write to it.', { run: `ls -ld ${quote(folderOf(c))}` }),
    step('Give the user that runs modelry the right to read and write there, then make the same call again.'),
  ],
  source: NODE_ERRORS,
})

/** EROFS: the file system is mounted for reading only. */
export const fsReadOnly = defineCause({
  id: 'fs-read-only',
  title: 'The file system is read-only',
  because: (c) => `the file system that holds ${place(c)} is mounted read-only`,
  evidence: anyOf(errno('EROFS'), commonWording(['read-only file system'])),
  retry: 'after-fix',
  steps: (c) => [
    step('See how it is mounted.', { run: `findmnt --target ${quote(folderOf(c))}` }),
    step('Mount it for writing, or point MODELRY_STORE at a folder that can be written.'),
  ],
  source: NODE_ERRORS,
})

/** EMFILE, ENFILE: no file descriptor is left. */
export const tooManyOpenFiles = defineCause({
  id: 'too-many-open-files',
  title: 'Too many open files',
  because: () => 'this process, or the machine, has no file descriptor left',
  evidence: anyOf(errno('EMFILE', 'ENFILE'), commonWording(['too many open files'])),
  retry: 'safe',
  steps: () => [
    step('See the limit of the shell that starts the process.', { run: 'ulimit -n' }),
    step('Raise it, or run fewer transfers at once.'),
  ],
  source: NODE_ERRORS,
})

/** ENOENT on a folder that the registry needs. */
export const folderMissing = defineCause({
  id: 'folder-missing',
  title: 'The folder is not there',
  because: (c) => `${place(c)} does not exist`,
  evidence: anyOf(
    commonErrno('ENOENT'),
    commonWording([
      'no such file or directory',
      'cannot find the path specified',
      'cannot find the file specified',
    ]),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See whether the disk is mounted and the folder exists.', {
      run: `ls -ld ${quote(folderOf(c))}`,
    }),
    step('Mount the disk or correct MODELRY_STORE, then make the same call again.'),
  ],
  source: NODE_ERRORS,
})

/** ENOTDIR, EISDIR: a file stands where a folder is needed, or the reverse. */
export const pathBlocked = defineCause({
  id: 'path-blocked',
  title: 'A file and a folder want the same name',
  because: (c) =>
    `on ${place(c)} a file stands where a folder is needed, or a folder where a file is needed; a folder store cannot hold both \`a\` and \`a/b\``,
  evidence: anyOf(
    commonErrno('ENOTDIR', 'EISDIR'),
    sdk(
      'ObjectParentIsFile',
      'ExistingObjectIsDirectory',
      'XMinioParentIsObject',
      'XMinioObjectExistsAsDirectory',
    ),
    commonWording(['not a directory', 'is a directory']),
  ),
  retry: 'never',
  status: 409,
  steps: () => [step('Choose an s3Path that neither lies under another object nor is the folder of one.')],
  source: NODE_ERRORS,
})

/** ENAMETOOLONG: most file systems allow 255 bytes for one name. */
export const nameTooLong = defineCause({
  id: 'name-too-long',
  title: 'A name is too long for the file system',
  because: (c) => `a name in ${place(c)} is longer than the file system allows`,
  evidence: anyOf(
    errno('ENAMETOOLONG'),
    sdk('KeyTooLongError', 'KeyTooLong'),
    commonWording(['file name too long']),
  ),
  retry: 'never',
  status: 422,
  steps: () => [
    step('Shorten the name: 255 bytes of UTF-8 for each part between slashes, 1,024 for the whole key.'),
  ],
  source: NODE_ERRORS,
})

/** EFBIG: FAT32 ends a file at 4 GiB, other file systems later; `ulimit -f` ends it for one process. */
export const fileTooLarge = defineCause({
  id: 'file-too-large',
  title: 'The file is larger than the file system or the process may write',
  because: (c) =>
    `the file system that holds ${place(c)}, or a limit of this process, does not allow a file of that size`,
  evidence: anyOf(errno('EFBIG'), commonWording(['file too large'])),
  retry: 'after-fix',
  status: 413,
  steps: (c) => [
    step('See which file system it is; FAT32 ends at 4 GiB.', { run: `df -T ${quote(folderOf(c))}` }),
    step('See the limit of the shell that starts the process.', { run: 'ulimit -f' }),
    step('Raise the limit, or point MODELRY_STORE at another file system, then make the same call again.'),
  ],
  source: NODE_ERRORS,
})

/** ELOOP: a symbolic link stands where the store keeps a file or a folder. */
export const symlinkRefused = defineCause({
  id: 'symlink-refused',
  title: 'A symbolic link stands in the way',
  because: (c) =>
    `a symbolic link stands at ${place(c)}, and the store follows none, so that nothing outside of its folder is read or changed`,
  evidence: anyOf(
    errno('ELOOP'),
    wording(['too many levels of symbolic links', 'too many symbolic links encountered']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See where the link leads and who made it.', {
      run: `ls -ld ${quote(c.localPath ?? folderOf(c))}`,
    }),
    step('Put the file or folder itself in its place, or remove the link, then make the same call again.'),
  ],
  source: NODE_ERRORS,
})

/** EIO and other faults of the device itself. */
export const diskFault = defineCause({
  id: 'disk-fault',
  title: 'The disk reported a fault',
  because: (c) => `the disk reported an input/output fault on ${place(c)}`,
  evidence: anyOf(
    errno('EIO', 'ESTALE'),
    commonErrno('ENXIO', 'ENODEV'),
    wording(['stale file handle', 'stale nfs file handle']),
    commonWording(['input/output error', 'i/o error']),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Read what the kernel says of the disk.', { run: 'dmesg --level=err,warn | tail -n 20' }),
    step('Move the store to a sound disk, then run `modelry verify` on the versions that matter.'),
  ],
  source: NODE_ERRORS,
})

export const localDiskCauses = [
  diskFull,
  fsPermission,
  fsReadOnly,
  tooManyOpenFiles,
  folderMissing,
  pathBlocked,
  nameTooLong,
  fileTooLarge,
  symlinkRefused,
  diskFault,
] as const

/** As it stands in a command; in capitals where the failure names no place. */
function folderOf({ localPath, s3Path }: ErrorContext): string {
  if (localPath === undefined) return s3Path === undefined ? 'FOLDER' : '.modelry'
  return localPath.replace(/\/[^/]*$/, '') || '/'
}
