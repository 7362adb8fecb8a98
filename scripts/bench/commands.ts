import type { Way } from './contender.ts';

/** What the benchmark asks the process of a service or client, and what it gets back. */
export type Command =
  | { readonly do: 'latency'; readonly forMs: number }
  | {
      readonly do: 'throughput';
      readonly connections: number;
      /** On each connection. */
      readonly inFlight: number;
      readonly forMs: number;
    }
  | { readonly do: 'connect'; readonly forMs: number; readonly count: number }
  | {
      readonly do: 'bulk';
      /** Of each message. */
      readonly octets: number;
      /** Whether the message comes back. Default: it is answered with its size. */
      readonly isEchoed?: boolean;
      readonly inFlight: number;
      readonly forMs: number;
    }
  /** So many bytes in one message. */
  | { readonly do: 'stream'; readonly way: Way; readonly octets: number }
  /** Begins to look at resident memory. */
  | { readonly do: 'watch' }
  | { readonly do: 'grown' }
  /** Opens that many more connections, each with one call made, and keeps them. */
  | { readonly do: 'hold'; readonly connections: number }
  | { readonly do: 'release' }
  | { readonly do: 'cpu' }
  | { readonly do: 'memory' };

export interface Answers {
  readonly latency: { readonly p50: number; readonly p99: number; readonly calls: number };
  readonly throughput: { readonly calls: number; readonly seconds: number };
  readonly connect: {
    readonly p50: number;
    readonly p99: number;
    readonly connections: number;
    readonly seconds: number;
  };
  readonly bulk: { readonly octets: number; readonly seconds: number };
  readonly stream: { readonly seconds: number };
  readonly watch: null;
  /** Bytes: the most that was resident since `watch`, without what was at its beginning. */
  readonly grown: number;
  readonly hold: null;
  readonly release: null;
  /** User and system time of the process, in seconds. */
  readonly cpu: number;
  /** In bytes, after a garbage collection: resident memory, and that of V8's heap and of buffers. */
  readonly memory: { readonly resident: number; readonly heap: number };
}

export type Answer<C extends Command> = Answers[C['do']];
