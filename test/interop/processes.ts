import { RunningProcess } from '../../scripts/process.ts';
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

interface RunningClient {
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
  /** Bytes. */
  readonly maxMessage?: number;
  /** Seconds without a message after which a session ends. */
  readonly receiveTimeoutS?: number;
}

export interface RunningService {
  /** The first of its addresses. */
  readonly address: string;
  /** Absent when it runs in this process. */
  readonly pid?: number;
  /** Ends it as its user would: by the end of its standard input. */
  stop(): Promise<void>;
  /** Ends it at once, as `kill -9`. */
  kill(): Promise<void>;
  /** Stops it with SIGSTOP: it is there, and does nothing. */
  freeze?(): void;
}

export interface ClientOptions {
  readonly streamed?: boolean;
  readonly maxMessage?: number;
  /** Seconds for opening, sending, and waiting for an answer. */
  readonly timeoutS?: number;
  /** Our client only: how often it opens a channel behind a session that went wrong. Default: once. */
  readonly openTries?: number;
  /** Milliseconds after which it is killed. */
  readonly deadlineMs?: number;
}

const READY_DEADLINE_MS = 20_000;
const CLIENT_DEADLINE_MS = 120_000;
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
  const service = start(peer.service, peer, words, options.env);
  try {
    await service.said(/^ready .*$/m, READY_DEADLINE_MS);
  } catch (error) {
    await service.end();
    throw error;
  }
  return {
    address: addresses[0] ?? '',
    pid: service.pid,
    stop: async () => void (await service.stop()),
    kill: async () => void (await service.end()),
    freeze: () => service.kill('SIGSTOP'),
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
  const tries = options.openTries === undefined ? [] : ['--open-tries', String(options.openTries)];
  const words = [address, ...scenario, ...flags(options), ...timeout, ...tries];
  const { deadlineMs = CLIENT_DEADLINE_MS } = options;
  const client = start(peer.client, peer, words, {}, deadlineMs);
  client.endInput();
  return {
    done: client.finished.then(({ status, stdout, stderr }) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      const results = lines.map(parseResult);
      return {
        results: results.filter((result) => result !== undefined),
        text: lines.filter((_, index) => results[index] === undefined),
        exitCode: status,
        stderr,
        isTooLate: client.isLate,
      };
    }),
    // Where it ends without the line, `done` says so.
    line: (line) => client.said(`${line}\n`, deadlineMs).catch(() => {}),
    kill: () => client.kill('SIGKILL'),
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

function start(
  command: readonly string[] | undefined,
  peer: Peer,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  deadlineMs?: number,
): RunningProcess {
  if (command === undefined) throw new Error(`${peer.name} has no such program`);
  return new RunningProcess([...command, ...words], {
    env: { ...process.env, ...env },
    deadlineMs,
  });
}

function flags(options: { readonly streamed?: boolean; readonly maxMessage?: number }): string[] {
  return [
    ...(options.streamed === true ? ['--streamed'] : []),
    ...(options.maxMessage === undefined ? [] : ['--max-message', String(options.maxMessage)]),
  ];
}

function parseResult(line: string): Result | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Result;
  } catch {
    return undefined;
  }
}
