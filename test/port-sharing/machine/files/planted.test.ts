// Files that somebody put into a directory that was open to others once, under the suite's names.
import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PORT_SHARING, privateDirectory, runCommand, SERVICE } from '../../../helpers/command.ts';

const NOBODY = 65_534;

type Command = readonly [entry: string, ...args: string[]];

const START: Command = [SERVICE, '--port', '0'];
/** Each file, and a command that uses it. */
const FILES: readonly (readonly [name: string, command: Command, transfer?: string])[] = [
  ['daemon.lock', START],
  ['start.lock', START],
  ['start.lock', START, 'relay'],
  ['daemon.log', START],
  ['daemon.log', [PORT_SHARING, 'run']],
  ['start-type', START],
  ['routes.json', [PORT_SHARING, 'route', 'list']],
  ['control.sock', START],
  ['control.sock', [PORT_SHARING, 'status']],
];

const FLAWS: readonly (readonly [flaw: string, spoil: (file: string) => void, says: string])[] = [
  ["another user's", (file) => chownSync(file, NOBODY, NOBODY), `belongs to user ${NOBODY}`],
  ['open to others', (file) => chmodSync(file, 0o666), 'Other users may write to'],
  ['a second name', (file) => linkSync(file, `${file}.other`), 'is a hard link to a file'],
];

beforeEach(({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can give a file away');
});

async function plant(directory: string, name: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, name);
  if (name !== 'control.sock') {
    writeFileSync(file, name === 'routes.json' ? '[]' : '', { mode: 0o600 });
    return file;
  }
  const server = createServer().listen(file);
  await once(server, 'listening');
  chmodSync(file, 0o600);
  onTestFinished(() => void server.close());
  return file;
}

describe.for(FILES)('%s, with %o %s', ([name, [entry, ...args], transfer = '']) => {
  test.for(FLAWS)(`${name} that is %s is refused, with a sentence`, async ([, spoil, says]) => {
    const directory = privateDirectory();
    const file = await plant(directory, name);
    spoil(file);
    const env = { NET_TCP_PORT_SHARING_TRANSFER: transfer };
    const { status, stdout, stderr } = await runCommand(entry, args, { directory, env });
    expect({ status, stdout }).toEqual({ status: 77, stdout: '' });
    expect(stderr).toContain(file);
    expect(stderr).toContain(says);
    expect(stderr).toContain('Remove it.');
    // Nothing was written into it.
    if (name === 'daemon.log') expect(readFileSync(file, 'utf8')).toBe('');
  });
});
