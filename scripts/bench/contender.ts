/** What every contender adds, and what the answer has to be. */
export const OPERANDS = [100, 15.99] as const;
const SUM = 115.99;

/** To the service, or from it. */
export type Way = 'up' | 'down';

/** One way to call `Add(100, 15.99)` in another process. */
export interface Contender {
  readonly name: string;
  /** Why it cannot run here, or `undefined`. */
  missing?(): Promise<string | undefined>;
  /** In the service's process: begins to answer. */
  serve(): Promise<Served>;
  /** In the client's process: one connection, ready to call. */
  connect(target: string): Promise<Caller>;
  /** In the client's process: so many bytes as a stream, on a connection of its own; only some contenders can. */
  stream?(target: string, way: Way, octets: number): Promise<void>;
}

export interface Served {
  /** What `connect` wants: a port or an address. */
  readonly target: string;
  /** Id of the process between client and service, whose memory counts, too. */
  readonly between?: number;
  close(): Promise<void>;
}

/** One connection. Callbacks, because that is what every contender can do without extra cost. */
export interface Caller {
  /**
   * Makes a function that makes one call, and calls `done` when the right answer is there; anything else is
   * thrown, which ends the process. It is made once for many calls, so that nobody is charged for the benchmark's
   * closures.
   */
  callWith(done: () => void): () => void;
  /** The same with one big message, answered by its size or by itself; only some contenders can. */
  sendWith?(octets: Uint8Array, isEchoed: boolean, done: () => void): () => void;
  /** Resolves when the other side has closed, too. */
  close(): Promise<void>;
}

/** {@link Caller.callWith} of a library whose calls are promises. */
export function callWithPromises(call: () => Promise<unknown>): Caller['callWith'] {
  return (done) => {
    const onSum = (sum: unknown): void => {
      checkSum(sum);
      done();
    };
    return () => void call().then(onSum, raise);
  };
}

export function checkSum(value: unknown): void {
  if (value !== SUM) throw new Error(`100 + 15.99 is ${SUM}, not ${String(value)}`);
}

/** For promises that must not fail: a failure ends the process, and with it the benchmark. */
export function raise(error: unknown): never {
  process.nextTick(() => {
    throw error instanceof Error ? error : new Error(String(error));
  });
  throw error;
}
