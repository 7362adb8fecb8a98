// Directories that are removed, and directories that are kept.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const made = new Set<string>();
process.once('exit', () => made.forEach(removeDirectory));

/** Makes a new directory with a short path. It is removed when this process ends, if not before. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(path.join(parent, 'ntps-'));
  made.add(directory);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  made.delete(directory);
}

const CACHE = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'net-tcp-port-sharing',
);

/**
 * A directory of the user's cache that is filled once and kept.
 *
 * @param name its path in the cache: names the contents and their version
 * @param fill puts everything there
 * @throws what `fill` throws
 */
export async function cachedDirectory(
  name: string,
  fill: (directory: string) => Promise<unknown>,
): Promise<string> {
  const target = path.join(CACHE, name);
  if (existsSync(target)) return target;
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  // Renamed when complete: neither an interruption nor two processes at once leave it half filled.
  const directory = await mkdtemp(`${target}-`);
  try {
    await fill(directory);
    if (!existsSync(target)) await rename(directory, target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return target;
}
