// Who sends in the clear what has to be protected, or leaves the upgrade out, gets no session: by every way to a
// service, and in both encodings.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { accountValue } from '../../../../shared/security/accounts.ts';
import { ntHash } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import {
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../../../helpers/command.ts';
import { preamble } from '../../../helpers/network/raw-client.ts';
import { makeCertificates } from '../../../transport/tls/secured.ts';

const { directory: files, server } = makeCertificates();
const accounts = path.join(files, 'accounts');
writeFileSync(accounts, `DOM\\carol:${accountValue(ntHash('secret'))}\n`);

const [AGREED, ACK] = [0x0a, 0x0b];
const KINDS = {
  'application/ssl-tls': ['tls', '--certificate', server.certificate, '--key', server.key],
  'application/negotiate': ['windows', '--accounts', accounts],
} as const;
type Upgrade = keyof typeof KINDS;
const UPGRADES = Object.keys(KINDS) as Upgrade[];
const ENCODINGS: readonly (string | number)[] = ['application/x-msgpack-rpc', 8];

/** The end of a preamble and a call, as if they were protected. */
const SESSION = [0x0c, 0x06, 0x04, 0x94, 0x00, 0x01, 0xa3];
const NNS = [0x16, 1, 0, 0, 3, 0x60, 1, 0];

let hello: number[];
beforeAll(async () => {
  const taken = new Promise<Buffer>((resolve) => {
    const wire = new Duplex({ read() {}, write: (chunk: Buffer) => resolve(chunk) });
    connectTls({ socket: wire, host: 'localhost' }).on('error', () => undefined);
  });
  hello = [...(await taken)];
});

/** A handshake's first bytes with others before, in the middle of, and behind them. */
function injections(upgrade: Upgrade): number[][] {
  const first = upgrade === 'application/ssl-tls' ? hello : NNS;
  const at = [0, 1, 5, first.length >> 1, first.length];
  return at.map((index) => [...first.slice(0, index), ...SESSION, ...first.slice(index)]);
}

/** @returns the service's port and path, by one of the ways to it */
async function startAt(where: string, upgrade: Upgrade): Promise<{ port: string; via: string }> {
  const directory = privateDirectory();
  const [security, ...more] = KINDS[upgrade];
  const words = ['--port', '0', '--security', security, ...more];
  if (where === 'handed over' || where === 'relayed') {
    const env = { NET_TCP_PORT_SHARING_TRANSFER: where === 'relayed' ? 'relay' : 'hand-over' };
    const { port, number } = await startService(directory, words, env);
    return { port, via: `net.tcp://localhost:${port}/calculator/${number}` };
  }
  const own = await startService(directory, [...words, '--no-port-sharing']);
  const at = `/calculator/${own.number}`;
  if (where === 'its own port')
    return { port: own.port, via: `net.tcp://localhost:${own.port}${at}` };
  const { port } = await startService(directory, ['--port', '0']);
  const args = ['route', 'add', at, `127.0.0.1:${own.port}`, '--port', port];
  expect(await runCommand(PORT_SHARING, args, { directory })).toMatchObject({ status: 0 });
  return { port, via: `net.tcp://localhost:${port}${at}` };
}

/** All that comes until the end. @param then sent once the service has agreed to the upgrade */
async function talk(port: string, first: Uint8Array, then: readonly number[] = []) {
  const socket = connect(Number(port), 'localhost').setNoDelay(true);
  onTestFinished(() => void socket.destroy());
  const came: number[] = [];
  socket
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      if (came.length === 0 && chunk[0] === AGREED) socket.write(Buffer.from(then));
      came.push(...chunk);
    });
  socket.write(first);
  await once(socket, 'close');
  return came;
}

describe.for(['its own port', 'handed over', 'relayed', 'behind a route'])('%s', (where) => {
  test.for(UPGRADES)('%s: nothing in the clear is taken', async (upgrade) => {
    const { port, via } = await startAt(where, upgrade);
    const other = UPGRADES.find((name) => name !== upgrade) ?? '';
    for (const encoding of ENCODINGS) {
      const whole = preamble(via, encoding);
      const asking = (name: string): Uint8Array =>
        Uint8Array.of(...whole.subarray(0, -1), 0x09, name.length, ...Buffer.from(name));
      const stripped = await talk(port, Uint8Array.of(...whole, ...SESSION.slice(1)));
      expect(stripped, 'no upgrade').not.toContain(ACK);
      const wrong = String(Buffer.from(await talk(port, asking(other))));
      expect(wrong, 'another upgrade').toContain('UpgradeInvalid');
      // Together: some wait for the deadline of the preamble.
      const all = injections(upgrade).map((bytes) => talk(port, asking(upgrade), bytes));
      for (const [index, [agreed, next]] of (await Promise.all(all)).entries()) {
        expect(agreed, `injection ${index}`).toBe(AGREED);
        expect(next, `injection ${index}`).not.toBe(ACK);
      }
    }
  });
});
