import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Peer } from './peers.ts';

/** One line of JSON of a client; see peers/client/Report.cs. */
export interface Result {
  readonly scenario: string;
  /** Empty for a scenario of one part. */
  readonly part: string;
  readonly ok: boolean;
  readonly calls: number;
  readonly exception: unknown;
  readonly [more: string]: unknown;
}

export interface ClientRun {
  readonly results: readonly Result[];
  /** The lines that are not JSON. */
  readonly text: readonly string[];
  /** null when it was killed. */
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Set when the client was killed because it did not end in time. */
  readonly isTooLate: boolean;
}

export interface RunningClient {
  readonly done: Promise<ClientRun>;
  /** Resolves when that line was printed, or the client has ended. */
  line(text: string): Promise<void>;
  /** Ends it at once, as `kill -9`. */
  kill(): void;
}

export interface ServiceOptions {
  /** The service listens at `ADDRESS/calculator` and `ADDRESS/echo` of each. All have one port. */
  readonly addresses: readonly string[];
  readonly streamed?: boolean;
  /** Our service only: over the shared port. */
  readonly shared?: boolean;
  /** Mono's service only: where it listens, when its address is that of a shared port. */
  readonly listen?: string;
  /** The daemon's directory and limits, where they are not those of all others. */
  readonly env?: Readonly<Record<string, string>>;
  /** IncludeExceptionDetailInFaults */
  readonly details?: boolean;
  /** Octets. */
  readonly maxMessage?: number;
  /** Seconds without a message after which a session ends. */
  readonly receiveTimeoutS?: number;
}

export interface RunningService {
  /** The first of its addresses. */
  readonly address: string;
  /** Absent when it runs in this process. */
  readonly pid?: number;
  /** Ends it as its user would: its standard input ends. */
  stop(): Promise<void>;
  /** Ends it at once, as `kill -9`. */
  kill(): Promise<void>;
  /** It does nothing any more, but is there: SIGSTOP. */
  freeze?(): void;
}

export interface ClientOptions {
  readonly streamed?: boolean;
  readonly maxMessage?: number;
  /** Seconds for opening, sending, and waiting for an answer. */
  readonly timeoutS?: number;
  /** Milliseconds after which it is killed. */
  readonly deadlineMs?: number;
}

const READY_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 10_000;
const CLIENT_DEADLINE_MS = 120_000;
const children = new Set<ChildProcess>();

// Whatever ends this process, nothing that it started stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** @throws {Error} when it does not get ready, with what it printed */
export async function startPeerService(
  peer: Peer,
  options: ServiceOptions,
): Promise<RunningService> {
  const { addresses } = options;
  const words = [
    ...addresses.flatMap((address) => ['--address', address]),
    ...flags(options),
    ...(options.shared === true ? ['--shared'] : []),
    ...(options.details === true ? ['--details'] : []),
    ...(options.receiveTimeoutS === undefined
      ? []
      : ['--receive-timeout', String(options.receiveTimeoutS)]),
    ...(options.listen === undefined ? [] : ['--listen', options.listen]),
  ];
  const child = start(peer.service, peer, words, options.env);
  const exited = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`service of ${peer.name} ${why}: ${output.trim()}`));
    };
    const timer = setTimeout(fail, READY_DEADLINE_MS, 'not ready in time');
    child.once('close', () => {
      clearTimeout(timer);
      fail('ended');
    });
    linesOf(child, (line) => {
      output = `${output}\n${line}`.slice(-4000);
      if (!line.startsWith('ready ')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const end = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(timer);
  };
  return {
    address: addresses[0] ?? '',
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    stop: () => {
      child.stdin?.end();
      return end();
    },
    kill: () => {
      child.kill('SIGKILL');
      return end();
    },
    freeze: () => void child.kill('SIGSTOP'),
  };
}

/** Starts a client that runs one scenario; see peers/README.md for the scenarios and their parameters. */
export function startPeerClient(
  peer: Peer,
  address: string,
  scenario: readonly string[],
  options: ClientOptions = {},
): RunningClient {
  const timeout = options.timeoutS === undefined ? [] : ['--timeout', String(options.timeoutS)];
  const child = start(peer.client, peer, [address, ...scenario, ...flags(options), ...timeout]);
  child.stdin?.end();
  const results: Result[] = [];
  const text: string[] = [];
  const waiting = new Map<string, () => void>();
  let stderr = '';
  let isTooLate = false;
  linesOf(child, (line) => {
    const result = parseResult(line);
    if (result !== undefined) results.push(result);
    else text.push(line);
    waiting.get(line)?.();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  const timer = setTimeout(() => {
    isTooLate = true;
    child.kill('SIGKILL');
  }, options.deadlineMs ?? CLIENT_DEADLINE_MS);
  const done = new Promise<ClientRun>((resolve) => {
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      for (const wake of waiting.values()) wake();
      resolve({ results, text, exitCode, stderr, isTooLate });
    });
  });
  return {
    done,
    line: (line) =>
      new Promise((resolve) => {
        if (text.includes(line) || child.exitCode !== null) resolve();
        else waiting.set(line, resolve);
      }),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Runs a client to its end. */
export function runPeerClient(
  peer: Peer,
  address: string,
  scenario: readonly string[],
  options: ClientOptions = {},
): Promise<ClientRun> {
  return startPeerClient(peer, address, scenario, options).done;
}

const takenPorts = new Set<number>();

/** A port at which nothing listened a moment ago, and that nobody else of this process was given. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  if (takenPorts.has(port)) return freePort();
  takenPorts.add(port);
  return port;
}

function start(
  command: readonly string[] | undefined,
  peer: Peer,
  arguments_: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const [program, ...before] = command ?? [];
  if (program === undefined) throw new Error(`${peer.name} has no such program`);
  const child = spawn(program, [...before, ...arguments_], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
  children.add(child);
  child.on('close', () => children.delete(child));
  // A program that ends while we write to it, or that cannot be started, is seen by its end.
  child.stdin?.on('error', () => undefined);
  child.on('error', () => undefined);
  return child;
}

function flags(options: { readonly streamed?: boolean; readonly maxMessage?: number }): string[] {
  return [
    ...(options.streamed === true ? ['--streamed'] : []),
    ...(options.maxMessage === undefined ? [] : ['--max-message', String(options.maxMessage)]),
  ];
}

function linesOf(child: ChildProcess, take: (line: string) => void): void {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', take);
}

function parseResult(line: string): Result | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Result;
  } catch {
    return undefined;
  }
}
