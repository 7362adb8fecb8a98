// The last step of a build: runs the commands once, and keeps what V8 has compiled of them. A command then starts in
// four fifths of the time. Where that is not possible, commands start as they did.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../../shared/errors.ts';
import { YOUNG_GENERATION } from '../../shared/port-sharing/service/start-daemon.ts';
import { sleep } from '../../shared/time.ts';
import { freePort } from '../free-port.ts';
import { RunningProcess } from '../process.ts';
import { temporaryDirectory } from '../temporary.ts';

const DAEMON = 'dist/shared/port-sharing/daemon';
const TOOL = 'dist/shared/tool';
const SERVICE = 'dist/service';
const CLIENT = 'dist/client';
const FOLDERS = [DAEMON, TOOL, SERVICE, CLIENT];
const DEADLINE_MS = 60_000;
const NUMBER = '7';

const directory = temporaryDirectory();
const run = path.join(directory, 'run');
const record = path.resolve('dist/scripts/build/record.js');
const starter = readFileSync('dist/scripts/build/starter.cjs');

/** Puts the starter into its place. @returns where the code belongs that V8 makes of the program */
function install(folder: string): string {
  const program = path.join(folder, 'program.cjs');
  for (const name of readdirSync(folder)) {
    if (name.startsWith('program.cjs.')) rmSync(path.join(folder, name));
  }
  // The modules of a program that is one file.
  for (const rest of ['main.js', 'main.d.ts', 'main.d.ts.map']) {
    rmSync(path.join(folder, rest), { force: true });
  }
  writeFileSync(path.join(folder, 'main.cjs'), starter);
  return `${program}.${process.version}-${process.arch}`;
}

/** Keeps what was compiled of the program of a folder, and a sum of both, which the starter wants to see. */
function keep(folder: string, code: string): void {
  const compiled = readFileSync(recorded(folder));
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(readFileSync(path.join(folder, 'program.cjs')), crc32(compiled)));
  // Whole or not at all: commands may start meanwhile.
  writeFileSync(`${code}.new`, Buffer.concat([compiled, sum]));
  renameSync(`${code}.new`, code);
}

/** Starts a command that writes its code to a file of this folder's name in `directory`. */
function start(folder: string, words: readonly string[], options: readonly string[] = []) {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    NET_TCP_PORT_SHARING_DIR: run,
    RECORD_CODE: recorded(folder),
  };
  const main = path.join(folder, 'main.cjs');
  const command = [process.execPath, ...options, '--import', record, main, ...words];
  return new RunningProcess(command, { env, deadlineMs: DEADLINE_MS });
}

const recorded = (folder: string): string => path.join(directory, path.basename(folder));

/** What most starts are: a service that finds a daemon, and a client's call to it. */
async function runAll(): Promise<void> {
  const port = String(await freePort());
  // As services start it: V8 takes nothing that was compiled with other options.
  const daemon = start(DAEMON, [], [YOUNG_GENERATION]);
  const deadline = performance.now() + DEADLINE_MS;
  while (!existsSync(path.join(run, 'control.sock'))) {
    if (!daemon.isRunning || performance.now() > deadline) throw new Error('no daemon came up');
    await sleep(20);
  }
  await start(TOOL, ['status']).finished;
  const service = start(SERVICE, ['--port', port, '--salt', NUMBER]);
  await service.said('Press <ENTER>');
  await start(CLIENT, ['--port', port, NUMBER, 'add', '1', '2']).finished;
  await service.stop('SIGTERM');
  await daemon.stop('SIGTERM');
}

const places = FOLDERS.map((folder) => ({ folder, code: install(folder) }));
try {
  // A process that is ended there writes nothing any more.
  if (process.platform === 'win32') throw new Error('Windows cannot ask a process to end');
  await runAll();
  for (const { folder, code } of places) keep(folder, code);
} catch (error) {
  console.warn(`The commands will start without compiled code: ${messageOf(error)}`);
}
