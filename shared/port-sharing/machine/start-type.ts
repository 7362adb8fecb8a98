import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Paths } from './paths.ts';

/** Whether services may start the daemon. */
export type StartType = 'demand' | 'disabled';

/** What the start type is set to; `demand` when it never was. */
export function readStartType({ startType }: Paths): StartType {
  try {
    return readFileSync(startType, 'utf8').trim() === 'disabled' ? 'disabled' : 'demand';
  } catch {
    return 'demand';
  }
}

/** Sets it for all of this user's services from now on. A daemon that runs goes on. */
export function writeStartType({ configDirectory, startType }: Paths, type: StartType): void {
  mkdirSync(configDirectory, { recursive: true, mode: 0o700 });
  const temporary = `${startType}.${process.pid}`;
  writeFileSync(temporary, `${type}\n`, { mode: 0o600 });
  renameSync(temporary, startType);
}
