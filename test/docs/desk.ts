// A desk with a terminal for each command of a page, and the commands of the package on its path.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { privateDirectory } from '../helpers/command.ts';

/** What the commands of a page and of `npm run` are. */
const COMMANDS: Readonly<Record<string, string>> = {
  'calculator-service': 'service',
  'calculator-client': 'client',
  'net-tcp-port-sharing': 'shared/tool',
};
const DEADLINE_MS = 15_000;
/** Ports that pages name: the shared one, and that of a service behind a route. */
const PORTS = ['9000', '9101'] as const;

/** One command line in a terminal of its own. */
class Terminal {
  output = '';
  readonly ended: Promise<number>;
  readonly #child: ChildProcessWithoutNullStreams;
  #onOutput: () => void = () => {};

  constructor(command: string, directory: string, env: NodeJS.ProcessEnv, typed: string) {
    this.#child = spawn('bash', ['-c', command], {
      cwd: directory,
      env,
      detached: true,
      stdio: 'pipe',
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#onOutput();
      });
    }
    this.#child.stdin.on('error', () => {});
    this.#child.stdin.write(typed);
    this.ended = once(this.#child, 'close').then(([status]) => (status as number | null) ?? -1);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until the output is as `pattern` wants it, or the command has ended. */
  async said(pattern: RegExp): Promise<void> {
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
      this.#onOutput();
    });
    while (!isOver && !pattern.test(this.output)) {
      await new Promise<void>((resolve) => (this.#onOutput = resolve));
    }
  }

  enter(): void {
    this.#child.stdin.write('\n');
  }

  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || !this.isRunning) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it has just ended
    }
  }
}

export class Desk {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #terminals: Terminal[] = [];

  private constructor(
    directory: string,
    env: NodeJS.ProcessEnv,
    ports: ReadonlyMap<string, string>,
  ) {
    this.#directory = directory;
    this.#env = env;
    this.#ports = ports;
  }

  /** A desk on free ports, with a daemon of its own; it is cleared when the test ends. */
  static async set(): Promise<Desk> {
    const free = await freePorts(PORTS.length);
    const ports = new Map(PORTS.map((port, index) => [port, free[index] ?? '']));
    // Inside the package: programs import it by its name.
    const directory = mkdtempSync(path.resolve('dist/desk-'));
    const bin = path.join(directory, 'bin');
    mkdirSync(bin);
    for (const name of [...Object.keys(COMMANDS), 'npm']) {
      const file = path.join(bin, name);
      writeFileSync(
        file,
        `#!/bin/sh\nexec '${process.execPath}' '${bin}/command.mjs' ${name} "$@"\n`,
      );
      chmodSync(file, 0o755);
    }
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    writeFileSync(
      path.join(bin, 'command.mjs'),
      shim(path.resolve('.'), scripts, ports.get('9000') ?? ''),
    );
    const desk = new Desk(
      directory,
      {
        ...process.env,
        PATH: `${bin}:${path.dirname(process.execPath)}:${process.env['PATH']}`,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        NODE_OPTIONS: undefined,
        NET_TCP_PORT_SHARING_DIR: privateDirectory(),
      },
      ports,
    );
    for (const folder of ['docs/examples', 'dist/docs/examples']) desk.#copy(folder);
    onTestFinished(async () => {
      for (const terminal of desk.#terminals) terminal.kill();
      await Promise.all(desk.#terminals.map(({ ended }) => ended));
      rmSync(directory, { recursive: true, force: true });
    });
    return desk;
  }

  /**
   * Types a command and compares what it says.
   *
   * @param expected what the page shows; a command that has not ended when all of it was said goes on
   * @returns what is different; `undefined` for nothing
   */
  async type(command: string, expected: string): Promise<string | undefined> {
    const shown = this.#onOurPorts(expected);
    const terminal = this.#open(command, typedIn(shown));
    const pattern = patternOf(shown);
    const goesOn = shown.trim().endsWith('Press <ENTER> to terminate service.');
    await inTime<unknown>(goesOn ? terminal.said(pattern) : terminal.ended);
    if (pattern.test(terminal.output) && terminal.isRunning === goesOn) return undefined;
    return `$ ${command}\nshould say\n${shown}\nand said\n${terminal.output}`;
  }

  /** Runs a command to its end. @returns what went wrong; `undefined` for nothing */
  async run(command: string): Promise<string | undefined> {
    const terminal = this.#open(command, '');
    const status = await inTime(terminal.ended);
    return status === 0
      ? undefined
      : `$ ${command}\nended with ${status} and said\n${terminal.output}`;
  }

  /** ENTER in every terminal where something runs. */
  async enter(): Promise<void> {
    for (const terminal of this.#terminals.filter(({ isRunning }) => isRunning)) {
      terminal.enter();
      await inTime(terminal.ended);
    }
  }

  #open(command: string, typed: string): Terminal {
    const terminal = new Terminal(this.#onOurPorts(command), this.#directory, this.#env, typed);
    this.#terminals.push(terminal);
    return terminal;
  }

  #onOurPorts(text: string): string {
    return text.replaceAll(/(?<!\d)(?:9000|9101)(?!\d)/g, (port) => this.#ports.get(port) ?? port);
  }

  #copy(folder: string): void {
    const target = path.join(this.#directory, folder);
    cpSync(folder, target, { recursive: true });
    for (const name of readdirSync(target)) {
      const file = path.join(target, name);
      writeFileSync(file, this.#onOurPorts(readFileSync(file, 'utf8')));
    }
  }
}

/** What a person types there: the answer to the one question that the client asks, and ENTER. */
function typedIn(shown: string): string {
  const [, number] = /^Enter the service number to test: (\d+)$/m.exec(shown) ?? [];
  return number === undefined ? '' : `${number}\n\n`;
}

/** `…` is anything, also several lines; how many spaces are between words does not matter. */
export function patternOf(shown: string): RegExp {
  const words = shown
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +'));
  return new RegExp(`^\\s*${words.join('[\\s\\S]*?').replaceAll(/ *\n/g, ' *\\n')}\\s*$`);
}

/** Starts a command of the package; on the desk's port where the command line names none. */
function shim(root: string, scripts: Readonly<Record<string, string>>, port: string): string {
  return `
import { spawn } from 'node:child_process';
const COMMANDS = ${JSON.stringify(COMMANDS)};
const SCRIPTS = ${JSON.stringify(scripts)};
let [name, ...args] = process.argv.slice(2);
let entry = COMMANDS[name];
if (name === 'npm') {
  const words = args.filter((word) => word !== '--silent' && word !== 'run');
  const script = words.shift();
  entry = /^node dist\\/(.*)\\.js/.exec(SCRIPTS[script] ?? '')?.[1];
  if (args[0] !== 'run' || entry === undefined) {
    console.error('no such script: npm ' + args.join(' '));
    process.exit(1);
  }
  if (words[0] === '--') words.shift();
  args = words;
  entry = entry.replace(/\\/main$/, '');
}
const isFree = !args.some((word) => word === '--port' || word === '--address');
const isWithPort = /^(?:service|client)$/.test(entry) || args[0] === 'route' && args[1] !== 'list';
if (isFree && isWithPort) args.push('--port', '${port}');
const file = entry.startsWith('scripts/') ? entry + '.js' : entry + '/main.js';
const child = spawn(process.execPath, ['${root}/dist/' + file, ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => process.exit(status ?? (signal === null ? 0 : 1)));
`;
}

/** A command that hangs is reported by what it has said until then. */
async function inTime<T>(done: Promise<T>): Promise<T | 'too late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'too late'>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS, 'too late');
  });
  const outcome = await Promise.race([done, late]);
  clearTimeout(timer);
  return outcome;
}

async function freePorts(count: number): Promise<readonly string[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export const hasBash = existsSync('/bin/bash');
