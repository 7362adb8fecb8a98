import { systemCode } from '../../errors.ts';
import type { Paths } from './paths.ts';
import { readOwnFile } from './files/own-file.ts';
import { DIRECTORY_ADVICE } from './files/private-directory.ts';
import { environmentError } from '../../system-error.ts';
import { writeWhole } from './files/write-file.ts';

/** Whether services may start the daemon. */
export type StartType = 'demand' | 'disabled';

/**
 * The start type; `demand` if it was never set.
 *
 * @throws {NetTcpError} `Communication` if there is a file and it cannot be read: it may say `disabled`
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
 * Sets the start type for all of this user's services from now on. A running daemon goes on.
 *
 * @throws {NetTcpError} `Communication` if it cannot be written; then it is as before
 */
export function writeStartType({ startType }: Paths, type: StartType): void {
  writeWhole(startType, `${type}\n`);
}
