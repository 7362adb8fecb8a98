/** What every contender is asked, and what the answer has to be. */
export const OPERANDS = [100, 15.99] as const;
const SUM = 115.99;

/** One way to call `Add(100, 15.99)` in another process. */
export interface Contender {
  readonly name: string;
  /** Why it cannot run here, or `undefined`. */
  missing?(): Promise<string | undefined>;
  /** In the service's process: answers from now on. */
  serve(): Promise<Served>;
  /** In the client's process: one connection, ready to call. */
  connect(target: string): Promise<Caller>;
}

export interface Served {
  /** What `connect` wants: a port or an address. */
  readonly target: string;
  /** Process between client and service, whose memory counts, too. */
  readonly between?: number;
  close(): Promise<void>;
}

/** One connection. Callbacks, because that is what every contender can do without extra cost. */
export interface Caller {
  /**
   * Makes a function that calls once; `done` when the right answer is there. What is wrong is thrown, which
   * ends the process. Made once for many calls, so that nobody is charged for the benchmark's closures.
   */
  callWith(done: () => void): () => void;
  /** The same with one big message there, and a small answer or the message back; only some can. */
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
