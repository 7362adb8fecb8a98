import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { output } from '../run.ts';

/** The repository's root, found from the sources and from `dist`, which has no package.json. */
export const ROOT = findRoot(path.dirname(fileURLToPath(import.meta.url)));
/** Environment variable: root of the package that a contestant's process uses. Default: this one. */
export const PACKAGE_VARIABLE = 'BENCH_PACKAGE';

/** What the package exports. */
export type Suite = typeof import('../../shared/index.ts');

interface Manifest {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
}

/** What `status --json` says. */
interface Status {
  readonly running: boolean;
  readonly pid: number;
  readonly registrations: readonly { readonly pid: number; readonly handedOver: number }[];
}

const COMMANDS = {
  service: 'calculator-service',
  client: 'calculator-client',
  tool: 'net-tcp-port-sharing',
} as const;

/** A built package of the suite, of this commit or another: only its exports and its commands are used. */
export class BuiltPackage {
  readonly root: string;
  readonly #manifest: Manifest;

  constructor(root = process.env[PACKAGE_VARIABLE] ?? ROOT) {
    this.root = root;
    this.#manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
  }

  /** The command line that starts one of its commands. */
  command(name: keyof typeof COMMANDS, ...args: readonly string[]): readonly string[] {
    const file = this.#manifest.bin[COMMANDS[name]];
    if (file === undefined) throw new Error(`${this.root} has no command ${COMMANDS[name]}`);
    return [process.execPath, path.join(this.root, file), ...args];
  }

  /** What `import … from 'net-tcp-port-sharing'` gives. */
  async load(): Promise<Suite> {
    return (await import(this.#urlOf(this.#manifest.name))) as Suite;
  }

  /** Why it cannot hand sockets over here, or `undefined`. */
  async missingHandOver(): Promise<string | undefined> {
    return await import(this.#urlOf('koffi')).then(
      () => undefined,
      () => 'koffi cannot be loaded here',
    );
  }

  /** Process id of the daemon in a directory. @throws {Error} if none runs */
  async daemonPid(directory: string): Promise<number> {
    return (await this.#status(directory)).pid;
  }

  /** How many connections the daemon in a directory has handed over to each process, by its id. */
  async handedOver(directory: string): Promise<ReadonlyMap<number, number>> {
    const { registrations } = await this.#status(directory);
    return new Map(registrations.map(({ pid, handedOver }) => [pid, handedOver]));
  }

  async #status(directory: string): Promise<Status> {
    const text = await output(this.command('tool', 'status', '--json'), {
      env: environmentOf(directory),
    });
    const status = JSON.parse(text) as Status;
    if (!status.running) throw new Error('no port-sharing daemon runs');
    return status;
  }

  /** Ends the daemon of a directory, if one runs. */
  async stopDaemon(directory: string): Promise<void> {
    await output(this.command('tool', 'stop'), { env: environmentOf(directory) });
  }

  #urlOf(name: string): string {
    const { resolve } = createRequire(path.join(this.root, 'package.json'));
    return pathToFileURL(resolve(name)).href;
  }
}

/** The environment of processes that are to use the daemon of this directory. */
export function environmentOf(directory: string): NodeJS.ProcessEnv {
  return { ...process.env, NET_TCP_PORT_SHARING_DIR: directory };
}

function findRoot(directory: string): string {
  return existsSync(path.join(directory, 'package.json')) && !directory.endsWith('bench')
    ? directory
    : findRoot(path.dirname(directory));
}
