import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { offerKerberos } from '../../../shared/security/negotiate/kerberos/acceptor.ts';
import type { Mechanism } from '../../../shared/security/negotiate/mechanism.ts';
import { offerNtlm } from '../../../shared/security/negotiate/ntlm/acceptor.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import { ntlmInitiator } from '../../../shared/security/negotiate/ntlm/initiator.ts';
import { spnegoAcceptor } from '../../../shared/security/negotiate/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../shared/security/negotiate/spnego-initiator.ts';
import { Oid } from '../../../shared/security/negotiate/spnego-tokens.ts';
import { ReplayCache } from '../../../shared/security/replay-cache.ts';
import { encodeHandshake } from '../../../shared/security/negotiate/frames.ts';
import { negotiate } from '../../../shared/transport/negotiate/handshake.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { socketPair } from '../../helpers/network/socket-pair.ts';
import { contextOf, firstToken, keytab } from '../../security/negotiate/kerberos/tickets.ts';

const CAROL = { name: 'TESTDOM\\carol', hash: ntHash('secret') };
const ATTEMPTS = { mayTry: () => true, failed: () => {}, succeeded: () => {} };
const NOTHING = octets('');

function acceptor(replays = new ReplayCache()): Mechanism {
  const find = (user: string): typeof CAROL | undefined => (user === 'carol' ? CAROL : undefined);
  const ntlm = { find, domain: 'TESTDOM', machine: 'NODE', attempts: ATTEMPTS };
  return spnegoAcceptor([
    offerKerberos({ keys: () => [keytab()], replays, protection: 'seal' }),
    offerNtlm({ ...ntlm, protection: 'seal' }),
  ]);
}

function initiator(password = 'secret'): Mechanism {
  const who = { user: 'carol', domain: 'TESTDOM', target: 'host/x', workstation: 'NODE' };
  return spnegoInitiator(Oid.Ntlm, ntlmInitiator({ ...who, hash: ntHash(password) }));
}

/** A client whose ticket was issued this hour. */
function kerberosMessage(given: Parameters<typeof firstToken>[0] = {}): Uint8Array {
  const now = Date.now();
  const token = firstToken({ starts: now - 1_000, ends: now + 3_600_000, time: now, ...given });
  return encodeHandshake({ id: 'in-progress', token });
}

async function readUntilEnd(socket: Socket): Promise<string> {
  const chunks: Uint8Array[] = [];
  socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  await once(socket, 'end');
  return hex(Buffer.concat(chunks));
}

test('both sides get to know each other and talk', async () => {
  const [one, two] = await socketPair();
  const [client, service] = await Promise.all([
    negotiate(one, NOTHING, 'initiator', initiator()),
    negotiate(two, NOTHING, 'acceptor', acceptor()),
  ]);
  expect(service.peer).toEqual({ kind: 'ntlm', name: 'TESTDOM\\carol' });
  client.stream.write('0c');
  service.stream.write('0b');
  expect(String((await once(service.stream, 'data'))[0])).toBe('0c');
  expect(String((await once(client.stream, 'data'))[0])).toBe('0b');
});

test('every cut of a client’s first bytes, and a frame right after them', async () => {
  const message = kerberosMessage();
  for (let cut = 0; cut <= message.length; cut += 7) {
    const [raw, near] = await socketPair();
    const accepted = negotiate(near, message.subarray(0, cut), 'acceptor', acceptor());
    raw.write(message.subarray(cut));
    const answer = new Promise<Buffer>((resolve) => raw.once('data', resolve));
    const { peer } = await accepted;
    expect(peer).toEqual({ kind: 'kerberos', name: 'alice@TEST.LOCAL' });
    const bytes = await answer;
    expect(hex(bytes.subarray(0, 3))).toBe('140100');
    expect(() => contextOf(new Uint8Array(bytes.subarray(5)), 18)).not.toThrow();
    raw.destroy();
  }
});

const LOGON_DENIED = '15010000080c030980ffffffff';
const INVALID_TOKEN = '150100000808030980ffffffff';

test.for<[string, Uint8Array, string, string]>([
  ['no credential that is known', kerberosMessage({ service: 'calc/x' }), LOGON_DENIED, 'keytab'],
  ['an expired ticket', kerberosMessage({ starts: 1, ends: 2 }), LOGON_DENIED, 'has expired'],
  ['another protocol', octets('160301009601'), INVALID_TOKEN, 'its version is 3'],
  ['a protected byte at once', octets('0c'), INVALID_TOKEN, '0xc begins no message'],
  ['a token that is none', octets('160100000101'), INVALID_TOKEN, 'cut short'],
])('a client with %s is told so, and not more', async ([, bytes, answer, why]) => {
  const [raw, near] = await socketPair();
  const accepted = negotiate(near, NOTHING, 'acceptor', acceptor());
  const said = readUntilEnd(raw);
  raw.write(bytes);
  await expect(accepted).rejects.toThrow(why);
  expect(await said).toBe(answer);
});

test('a token that is sent again is refused', async () => {
  const message = kerberosMessage();
  const replays = new ReplayCache();
  const accept = async (): Promise<unknown> => {
    const [raw, near] = await socketPair();
    raw.resume().write(message);
    return await negotiate(near, NOTHING, 'acceptor', acceptor(replays));
  };
  await accept();
  await expect(accept()).rejects.toThrow('it was used before');
});

test('a wrong password costs one attempt, and both sides learn of it', async () => {
  const [one, two] = await socketPair();
  const outcomes = await Promise.allSettled([
    negotiate(one, NOTHING, 'initiator', initiator('guess')),
    negotiate(two, NOTHING, 'acceptor', acceptor()),
  ]);
  expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason.message)).toEqual([
    'The service rejected the credential of the client.',
    "The client's NTLM credential is refused: TESTDOM\\carol.",
  ]);
});

test.for<[string, Uint8Array]>([
  ['nothing', NOTHING],
  ['half a header', octets('1601')],
  ['half a token', kerberosMessage().subarray(0, 100)],
])('%s, then the end, breaks the handshake', async ([, bytes]) => {
  const [raw, near] = await socketPair();
  const accepted = negotiate(near, NOTHING, 'acceptor', acceptor());
  raw.resume().end(bytes);
  await expect(accepted).rejects.toMatchObject({ code: 'SecurityNegotiation' });
  if (!near.destroyed) await once(near, 'close');
});

test('whoever destroys the socket ends the handshake', async () => {
  const [raw, near] = await socketPair();
  const accepted = negotiate(near, NOTHING, 'acceptor', acceptor());
  raw.write(octets('1601'));
  near.destroy();
  await expect(accepted).rejects.toMatchObject({ code: 'Communication' });
});

test('a client takes nothing that came before the service could have spoken', async () => {
  const [raw, near] = await socketPair();
  onTestFinished(() => void raw.destroy());
  const asked = negotiate(near, octets('0b'), 'initiator', initiator());
  raw.resume();
  await expect(asked).rejects.toThrow('0xb begins no message');
});
