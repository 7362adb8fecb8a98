// Clients that send garbage, as many and as fast as this process can manage.
import { connect } from 'node:net';
import { RecordDecoder } from '../../../shared/framing/decoder.ts';
import { FAULT_NAMESPACE } from '../../../shared/framing/faults.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { seeded } from '../harness/random.ts';
import { serve } from '../../serve.ts';
import { type Garbage, kinds } from './garbage.ts';
import { rawText } from '../../../shared/printable.ts';

interface Options {
  readonly port: number;
  readonly count: number;
  readonly atOnce: number;
  readonly seed: number;
}

/** How the clients of each kind ended (name of a fault or record, `closed`, `reset`, `nothing`), and how often. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, number>>>>;

// A client that gets no answer gives up after that.
const PATIENCE_MS = 3_000;

serve({
  async flood({ port, count, atOnce, seed }: Options): Promise<Outcomes> {
    const random = seeded(seed);
    const all = kinds(port);
    const outcomes: Record<string, Record<string, number>> = {};
    let begun = 0;
    const worker = async (): Promise<void> => {
      while (begun < count) {
        const index = begun++;
        const kind = all[index % all.length];
        if (kind === undefined) return;
        const outcome = await knock(port, kind, Math.floor(index / all.length), random);
        const ofKind = (outcomes[kind.name] ??= {});
        ofKind[outcome] = (ofKind[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return outcomes;
  },
});

function knock(port: number, kind: Garbage, index: number, random: () => number): Promise<string> {
  return new Promise((resolve) => {
    const decoder = new RecordDecoder(DEFAULT_LIMITS);
    let outcome = 'closed';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const timer = setTimeout(() => {
      outcome = 'nothing';
      socket.destroy();
    }, PATIENCE_MS);
    socket.on('connect', () => {
      const octets = kind.octets(index, random);
      // A truncated preamble ends with the connection: nobody has to wait for its deadline.
      if (kind.faults.length === 0) socket.end(octets);
      else socket.write(octets);
    });
    socket.on('data', (chunk) => {
      decoder.push(chunk);
      const record = decoder.next();
      if (record?.type === 'fault') outcome = rawText(record.fault).slice(FAULT_NAMESPACE.length);
      else if (record !== undefined) outcome = record.type;
    });
    socket.on('error', () => {
      if (outcome === 'closed') outcome = 'reset';
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(outcome);
    });
  });
}
