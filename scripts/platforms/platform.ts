import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from '../temporary.ts';
import { output } from '../run.ts';

/** Another system or architecture, with a Node for it and the package, installed as it would be there. */
export interface Platform {
  readonly name: PlatformName;
  /** What it is and what runs it. */
  readonly version: string;
  /** Command that starts its Node. */
  readonly node: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** How a connection gets from daemon to service there. */
  readonly transfer: 'hand-over' | 'relay';
  /** Where the package is: the folder with `dist`. */
  readonly root: string;
  /** Whether its processes are processes of this system: same process ids, sockets and files. */
  readonly isNative: boolean;
  /** Whether its processes have a standard input that can be written to. */
  readonly hasInput: boolean;
  /** Ends what keeps running after its processes. */
  close(): Promise<void>;
}

export type PlatformName = 'windows' | 'arm64';

/** A version of Node that both npm packages have, and that this suite supports. */
export const NODE_VERSION = '20.20.2';

/** The repository's root. This file is in dist/scripts/platforms. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Milliseconds for fetching a Node (45 MB) over a slow line. */
const FETCH_DEADLINE_MS = 300_000;

/**
 * A Node for another system, fetched once from npm into the user's cache.
 *
 * @param name of the npm package that has it in its folder `bin`
 * @returns the folder of the package
 * @throws what npm says
 */
export async function fetchNode(name: string): Promise<string> {
  const target = await cachedDirectory(`platforms/${name}-${NODE_VERSION}`, (directory) =>
    npm(directory, ['install', ...INSTALL, '--force', `${name}@${NODE_VERSION}`]),
  );
  return join(target, 'node_modules', name);
}

/**
 * Installs this package, as it would be published, for another system.
 *
 * @returns the folder of the package
 * @throws what npm says
 */
export async function installPackage(
  directory: string,
  os: 'linux' | 'win32',
  cpu: string,
): Promise<string> {
  await npm(ROOT, ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory]);
  const archive = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
  const system = [`--os=${os}`, `--cpu=${cpu}`, ...(os === 'linux' ? ['--libc=glibc'] : [])];
  await npm(directory, ['install', ...INSTALL, '--omit=dev', ...system, join(directory, archive)]);
  return join(directory, 'node_modules/net-tcp-port-sharing');
}

const INSTALL = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

async function npm(directory: string, args: readonly string[]): Promise<void> {
  const where = args[0] === 'install' ? ['--prefix', directory] : [];
  await output(['npm', ...args, ...where], { cwd: directory, deadlineMs: FETCH_DEADLINE_MS });
}
