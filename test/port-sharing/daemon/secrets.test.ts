// Keys, passwords and tokens go through the daemon's port, and must be nowhere in it.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { writePreamble, writeUpgradeRequest } from '../../../shared/framing/encoder.ts';
import {
  ICalculator,
  NetTcpBinding,
  ServiceHost,
  type ServiceHostOptions,
} from '../../../shared/index.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { accountValue } from '../../../shared/security/accounts.ts';
import { ContextTokens } from '../../../shared/security/message-credentials/context-tokens.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import { writeNegTokenInit, Oid } from '../../../shared/security/negotiate/spnego-tokens.ts';
import { firstToken, keytab } from '../../security/negotiate/kerberos/tickets.ts';
import {
  factoryFor,
  makeCertificates,
  type Security,
  TRANSPORT,
} from '../../transport/tls/secured.ts';
import { PORT_SHARING, privateDirectory, runCommand } from '../../helpers/command.ts';
import { memoryHas } from '../../helpers/memory.ts';
import { hex } from '../../helpers/octets.ts';

const pki = makeCertificates();
const marker = (): string => `marker-${randomBytes(12).toString('hex')}`;
const [NTLM_PASSWORD, USER_PASSWORD] = [marker(), marker()];
const USER_NAME = { mode: 'TransportWithMessageCredential' } as const;
const WINDOWS = { mode: 'Transport' } as const;
const NNS_DONE = 0x14;
const AGREED = 0x0a;

/** The file of a keytab with the key of the test's tickets. */
function keytabFile(): Uint8Array {
  const { key, version, encryption } = keytab();
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const entry = Buffer.concat([
    Buffer.from([0, 2]),
    ...['TEST.LOCAL', 'host', 'localhost'].map(text),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, version, 0, encryption, 0, key.length]),
    key,
  ]);
  return Buffer.concat([Buffer.from([5, 2, 0, 0, 0, entry.length]), entry]);
}

/** The line of a private key that differs from key to key. */
function keyLine(file: string): string {
  return readFileSync(file, 'utf8').split('\n')[2] ?? '';
}

/** Opens a service at a shared port. @returns its address */
async function share(
  port: string,
  name: string,
  security: Security,
  credentials: NonNullable<ServiceHostOptions['credentials']>,
): Promise<string> {
  const binding = new NetTcpBinding({ portSharing: true, security });
  const host = new ServiceHost(binding, { credentials });
  const f = (n1: number, n2: number): number => n1 + n2;
  const calculator = { Add: f, Subtract: f, Multiply: f, Divide: f };
  host.addEndpoint(ICalculator, calculator, `net.tcp://localhost:${port}/${name}`);
  await host.open();
  onTestFinished(() => host.abort());
  return host.addresses[0] ?? '';
}

/** Shows a ticket of Kerberos. @returns the first byte of the service's answer */
async function showTicket(via: string): Promise<number | undefined> {
  const out = new OctetWriter();
  writePreamble(out, { via, mode: 2, encoding: 'application/x-msgpack-rpc' });
  writeUpgradeRequest(out, 'application/negotiate');
  const socket = connect(parseAddress(via).port, 'localhost');
  onTestFinished(() => void socket.destroy());
  socket.write(out.toBytes());
  expect(await nextByte(socket)).toBe(AGREED);
  const now = Date.now();
  const times = { time: now, starts: now - 60_000, ends: now + 60_000 };
  const token = writeNegTokenInit([Oid.Kerberos], firstToken(times));
  socket.write(Buffer.from([0x16, 1, 0, token.length >> 8, token.length & 0xff, ...token]));
  return await nextByte(socket);
}

function nextByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes[0])).once('close', () => resolve(undefined));
  });
}

describe.skipIf(!existsSync('/proc/self/mem'))('what must be nowhere', () => {
  test.for(['hand-over', 'relay'])(
    'no key, password or token is in the memory of the daemon, its log or its status (%s)',
    async (transfer) => {
      const directory = privateDirectory();
      vi.stubEnv('NET_TCP_PORT_SHARING_DIR', directory);
      vi.stubEnv('NET_TCP_PORT_SHARING_TRANSFER', transfer);
      onTestFinished(() => void vi.unstubAllEnvs());
      const issue = vi.spyOn(ContextTokens.prototype, 'issue');
      const accounts = path.join(directory, 'accounts');
      writeFileSync(accounts, `DOM\\carol:${accountValue(ntHash(NTLM_PASSWORD))}\n`);
      const { server, ca, alice } = pki;

      const tls = await share('0', 'tls', TRANSPORT.certificate, { ...server, clientCa: ca });
      const port = String(parseAddress(tls).port);
      const windows = await share(port, 'windows', WINDOWS, { accounts, keytab: keytabFile() });
      const validateUserName = (_: string, password: string): boolean => password === USER_PASSWORD;
      const users = await share(port, 'users', USER_NAME, { ...server, validateUserName });

      const carol = { userName: 'DOM\\carol', password: NTLM_PASSWORD };
      const dave = { ca, userName: 'dave', password: USER_PASSWORD };
      for (const [security, credentials, address] of [
        [TRANSPORT.certificate, { ca, ...alice }, tls],
        [WINDOWS, carol, windows],
        [USER_NAME, dave, users],
      ] as const) {
        const factory = factoryFor(security, credentials, { encoding: 'soap' });
        const proxy = factory.createChannel(address);
        onTestFinished(() => proxy.abort());
        expect(await proxy.Add(1, 2)).toBe(3);
      }
      expect(await showTicket(windows)).toBe(NNS_DONE);

      const [{ identifier, key } = { identifier: '', key: new Uint8Array(0) }] =
        issue.mock.calls[0] ?? [];
      expect(identifier).toMatch(/^urn:uuid:/);
      const hash = ntHash(NTLM_PASSWORD);
      const texts = [NTLM_PASSWORD, USER_PASSWORD, identifier, hex(hash)];
      const keys = [key, hash, keytab().key];
      const lines = [keyLine(server.key), keyLine(alice.key)];
      const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
      const said = [log];
      for (const words of [['status'], ['status', '--json']]) {
        said.push((await runCommand(PORT_SHARING, words, { directory })).stdout);
      }
      const pid = Number(/ started pid=(\d+)/.exec(log)?.[1]);
      // The search must find what is known to be there.
      const known = [windows, Buffer.from(windows)];
      expect(memoryHas(pid, [...texts, ...keys, ...lines, ...known])).toEqual(known);
      for (const secret of [...texts, ...lines, ...keys.map((bytes) => hex(bytes))]) {
        expect(secret.length).toBeGreaterThan(15);
        expect(said.filter((text) => text.includes(secret))).toEqual([]);
      }
    },
  );
});
