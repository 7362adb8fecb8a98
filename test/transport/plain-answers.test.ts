// Services, or somebody on the way, that answer a client with security in the clear or by another record: for each
// kind of security and both encodings the client says a sentence, and nothing of its call or credential is sent.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ClientCredentials } from '../../shared/index.ts';
import { factoryFor, makeCertificates, type Security, TRANSPORT } from './tls/secured.ts';

/** What a call has that is seen in either encoding: the operation's name. */
const CALL = 'Subtract';
const PASSWORD = 'marker-of-a-password';
const WINDOWS: Security = { mode: 'Transport' };

const pki = makeCertificates();
const CAROL = { userName: 'DOM\\carol', password: PASSWORD };
const DAVE = { ca: pki.ca, userName: 'dave', password: PASSWORD };
const ALICE = { ca: pki.ca, ...pki.alice };

/** Of each kind the security, the credentials, the encodings, and the upgrade that is asked for. */
const KINDS: readonly (readonly [
  string,
  Security,
  ClientCredentials,
  readonly ('msgpack' | 'soap')[],
  string,
])[] = [
  ['tls', TRANSPORT.none, { ca: pki.ca }, ['msgpack', 'soap'], 'application/ssl-tls'],
  ['a certificate', TRANSPORT.certificate, ALICE, ['msgpack', 'soap'], 'application/ssl-tls'],
  ['NTLM', WINDOWS, CAROL, ['msgpack', 'soap'], 'application/negotiate'],
  ['Kerberos', WINDOWS, {}, ['msgpack', 'soap'], 'application/negotiate'],
  // MessagePack has no place for user names: it is refused before anything is dialled.
  [
    'a user name',
    { mode: 'TransportWithMessageCredential' },
    DAVE,
    ['soap'],
    'application/ssl-tls',
  ],
];

const [AGREED, ACK, END] = [0x0a, 0x0b, 0x07];
const upgradeRequest = (name: string): number[] => [9, name.length, ...Buffer.from(name)];
const fault = (name: string): number[] => {
  const uri = `http://schemas.microsoft.com/ws/2006/05/framing/faults/${name}`;
  return [8, uri.length, ...Buffer.from(uri)];
};

const IN_THE_CLEAR = ['SecurityNegotiation', 'in the clear where'] as const;
const NOT_NET_TCP = ['Protocol', 'does not speak net.tcp'] as const;

/** What is answered to the request for an upgrade; the code and the sentence that the client has for it. */
const ANSWERS: readonly (readonly [string, readonly number[], readonly [string, string]])[] = [
  ['an ack, without security', [ACK], IN_THE_CLEAR],
  ['a message', [0x06, 2, 0xc0, 0xc0], NOT_NET_TCP],
  ['the end of a session', [END], NOT_NET_TCP],
  ['a request for an upgrade', upgradeRequest('application/ssl-tls'), NOT_NET_TCP],
  ['a fault', fault('UpgradeInvalid'), ['Protocol', 'security enabled on the client']],
  ['an agreement and an ack', [AGREED, ACK], IN_THE_CLEAR],
  ['an agreement and a message', [AGREED, 6, 2, 0xc0, 0xc0], IN_THE_CLEAR],
  [
    'an agreement and half a record',
    [AGREED, 6, 0x7f],
    ['SecurityNegotiation', 'came in the clear'],
  ],
];

interface Answering {
  readonly address: string;
  /** Everything that it got. */
  readonly got: () => Buffer;
  readonly connections: () => number;
}

/** A service that answers the first request for an upgrade by `octets`, and takes whatever comes. */
async function answering(upgrade: string, octets: readonly number[]): Promise<Answering> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let isAnswered = false;
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (isAnswered || !Buffer.concat(chunks).includes(upgrade)) return;
        isAnswered = true;
        socket.write(Buffer.from(octets));
      });
  }).listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { readonly port: number };
  return {
    address: `net.tcp://localhost:${port}/calc`,
    got: () => Buffer.concat(chunks),
    connections: () => connections,
  };
}

beforeAll(() => {
  // No ticket is to be had, and none may be asked for.
  process.env['KRB5CCNAME'] = 'FILE:/nonexistent/cache';
});

const CASES = KINDS.flatMap(([name, security, credentials, encodings, upgrade]) =>
  encodings.flatMap((encoding) =>
    ANSWERS.map((answer) => ({ name, security, credentials, encoding, upgrade, answer })),
  ),
);

test.for(CASES)(
  '$name, $encoding, $answer.0: nothing of the call is sent',
  async ({ security, credentials, encoding, upgrade, answer: [, octets, says] }) => {
    const service = await answering(upgrade, octets);
    const proxy = factoryFor(security, credentials, { encoding }).createChannel(service.address);
    const error: unknown = await proxy.Subtract(1, 2).catch((reason: unknown) => reason);
    const [code, text] = says;
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) });
    const got = service.got();
    // The request for the upgrade is the last that came in the clear, and no other connection was tried.
    expect(got.subarray(-upgrade.length).toString()).toBe(upgrade);
    expect(got.includes(CALL)).toBe(false);
    expect(got.includes(PASSWORD)).toBe(false);
    expect(service.connections()).toBe(1);
  },
);
