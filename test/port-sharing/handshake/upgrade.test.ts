// Versions that do not understand each other: 0.1.0, whose handshake is protocol 1, beside this one. Each says so at
// once. The time limit is longer than a test may take, so a test that passes has not run into it.
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { output, run } from '../../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { EXIT_STATUS } from '../../../shared/errors.ts';
import {
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
} from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

const OLD_COMMIT = '3a58c5f';
const LONG = { NET_TCP_PORT_SHARING_LIMITS: 'helloTimeoutMs=600000' };
/** What this version says, and what the old one does. */
const SENTENCE =
  /The port-sharing daemon that is running is version \S+ \(handshake protocol 1\), which does not work with version \S+ \(protocol 2\)\. Stop its services, then try again\./;
const OLD_SENTENCE =
  /The port-sharing daemon that is running is version \S+, which does not go with version \S+\. Stop its services, then try again\./;

const found = await run(['git', 'cat-file', '-e', `${OLD_COMMIT}^{commit}`]);
const hasOld = found.status === 0;
const why = hasOld ? '' : ` (skipped: this checkout does not have commit ${OLD_COMMIT})`;

describe.skipIf(!hasOld)(`0.1.0 beside this version${why}`, () => {
  const root = temporaryDirectory();
  const old = (file: string): string => path.join(root, 'dist', file);

  beforeAll(async () => {
    await output(['sh', '-ec', `git archive ${OLD_COMMIT} | tar -x -C ${root}`]);
    symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
    // The half of its build that makes the commands.
    await output(['node_modules/.bin/rolldown', '-c', 'scripts/bundle.config.js'], { cwd: root });
    return () => removeDirectory(root);
  }, 300_000);

  /** A daemon with a long wait for hellos, and its log. */
  async function daemon(tool: string) {
    const directory = privateDirectory();
    const command = new Command(tool, ['run', '--log-file'], { directory, env: LONG });
    const log = path.join(directory, 'daemon.log');
    await eventually(() => expect(readFileSync(log, 'utf8')).toContain(' started '));
    onTestFinished(async () => {
      command.kill('SIGKILL');
      await command.finished;
    });
    return { directory, command, log: () => readFileSync(log, 'utf8') };
  }

  describe('a daemon of 0.1.0', () => {
    test.for<[what: string, entry: string, args: string[]]>([
      ['a service', SERVICE, ['--port', '0']],
      ['status', PORT_SHARING, ['status']],
      ['start', PORT_SHARING, ['start']],
      ['stop', PORT_SHARING, ['stop']],
      ['restart', PORT_SHARING, ['restart']],
      ['another daemon', PORT_SHARING, ['run']],
    ])('%s says which versions do not go together', async ([what, entry, args]) => {
      const { directory, command, log } = await daemon(old('shared/tool/main.js'));
      const { status, stderr } = await runCommand(entry, args, { directory, env: LONG });
      if (what === 'another daemon') expect(stderr).toContain('is already running');
      else expect(stderr).toMatch(SENTENCE);
      expect(status).toBeGreaterThan(0);
      // And the old one says what it knows.
      if (what !== 'another daemon') expect(log()).toMatch(/ version unsupported pid=\d+ version=/);
      process.kill(command.pid, 0);
    });

    test('a successor does not take its place', async () => {
      const { directory, command, log } = await daemon(old('shared/tool/main.js'));
      const successor = await runCommand(
        'dist/shared/port-sharing/daemon/main.cjs',
        ['--take-over', `${command.pid}`],
        { directory, env: LONG },
      );
      expect(successor.status).toBe(EXIT_STATUS.Communication);
      expect(log()).toMatch(SENTENCE);
      process.kill(command.pid, 0);
    });
  });

  describe('a daemon of this version', () => {
    test.for<[what: string, entry: string, args: string[]]>([
      ['a service', 'service/main.js', ['--port', '0']],
      ['status', 'shared/tool/main.js', ['status']],
      ['stop', 'shared/tool/main.js', ['stop']],
      ['restart', 'shared/tool/main.js', ['restart']],
    ])('%s of 0.1.0 is told, in its words', async ([, entry, args]) => {
      const { directory, command, log } = await daemon(PORT_SHARING);
      const { status, stderr } = await runCommand(old(entry), args, { directory, env: LONG });
      expect(stderr).toMatch(OLD_SENTENCE);
      expect(status).toBe(EXIT_STATUS.Communication);
      expect(log()).toMatch(/ version unsupported pid=\d+ version=\S+ protocol=1$/m);
      expect(await statusOf(directory)).toMatchObject({ running: true, pid: command.pid });
    });

    test('a successor of 0.1.0 does not take its place', async () => {
      const { directory, command } = await daemon(PORT_SHARING);
      const successor = await runCommand(
        old('shared/port-sharing/daemon-main.js'),
        ['--take-over', `${command.pid}`],
        { directory, env: LONG },
      );
      expect(successor.status).toBe(EXIT_STATUS.Communication);
      expect(await statusOf(directory)).toMatchObject({ running: true, pid: command.pid });
    });
  });
});
