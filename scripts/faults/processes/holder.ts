// Clients that open sessions and then do nothing. They write their few bytes themselves: thousands cost little.
import { connect, type Socket } from 'node:net';
import { writeMark, writePreamble } from '../../../shared/framing/encoder.ts';
import { FAULT_NAMESPACE } from '../../../shared/framing/faults.ts';
import { RecordType } from '../../../shared/framing/records.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { now } from '../harness/clock.ts';
import { serve } from '../../serve.ts';

interface Options {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly count: number;
  readonly atOnce: number;
}

/** How many sessions were opened, and what the others were told: a fault, `closed` or `reset`. */
export interface Held {
  readonly opened: number;
  readonly told: Readonly<Record<string, number>>;
  /** When the last one was opened, on the clock of `now()`. */
  readonly lastAt: number;
}

const held = new Set<Socket>();

serve({
  async open({ port, addresses, count, atOnce }: Options): Promise<Held> {
    let begun = 0;
    let opened = 0;
    let lastAt = 0;
    const told: Record<string, number> = {};
    const worker = async (): Promise<void> => {
      while (begun < count) {
        const outcome = await openOne(port, addresses[begun++ % addresses.length] ?? '');
        if (outcome === 'opened') {
          opened += 1;
          lastAt = now();
        } else told[outcome] = (told[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { opened, told, lastAt };
  },
  held: () => held.size,
  /** Drops `count` sessions; all by default. */
  drop({ count = Infinity }: { readonly count?: number }) {
    let left = count;
    for (const socket of held) {
      if (left-- <= 0) return;
      socket.destroy();
    }
  },
});

function openOne(port: number, address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let outcome = 'closed';
    socket.on('connect', () => {
      const out = new OctetWriter(128);
      writePreamble(out, { via: address, mode: 2, encoding: 'application/x-msgpack-rpc' });
      writeMark(out, RecordType.PreambleEnd);
      socket.write(out.toBytes());
    });
    socket.on('data', (chunk) => {
      if (chunk[0] === RecordType.PreambleAck) {
        held.add(socket);
        resolve('opened');
      } else if (chunk[0] === RecordType.Fault) {
        outcome = chunk.toString('latin1').slice(2 + FAULT_NAMESPACE.length);
      }
    });
    socket.on('error', () => {
      if (outcome === 'closed') outcome = 'reset';
    });
    socket.on('close', () => {
      held.delete(socket);
      resolve(outcome);
    });
  });
}
