import { systemCode } from '../../errors.ts';
import type { Paths } from './paths.ts';
import { readOwnFile } from './files/own-file.ts';
import { DIRECTORY_ADVICE } from './files/private-directory.ts';
import { environmentError } from '../../system-error.ts';
import { writeWhole } from './files/write-file.ts';

/** Whether services may start the daemon. */
export type StartType = 'demand' | 'disabled';

/**
 * What the start type is set to; `demand` when it never was.
 *
 * @throws {NetTcpError} `Communication` when there is a file and it cannot be read: it may say `disabled`
 */
export function readStartType({ startType }: Paths): StartType {
  try {
    return readOwnFile(startType).trim() === 'disabled' ? 'disabled' : 'demand';
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) return 'demand';
    const what = `The file of the start type, ${startType}, cannot be read`;
    throw environmentError(what, cause, DIRECTORY_ADVICE);
  }
}

/**
 * Sets it for all of this user's services from now on. A daemon that runs goes on.
 *
 * @throws {NetTcpError} `Communication` when it cannot be written; it is then what it was
 */
export function writeStartType({ startType }: Paths, type: StartType): void {
  writeWhole(startType, `${type}\n`);
}
