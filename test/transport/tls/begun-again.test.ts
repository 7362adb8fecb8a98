// Who was let in once gets nothing of it: neither a kept session nor a second handshake takes the place of a first one,
// in which the certificate is looked at.
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { sleep } from '../../../shared/time.ts';
import type { ConnectionOptions } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import { eventually } from '../../helpers/eventually.ts';
import { beginTls, isLetIn, shows } from './raw-tls.ts';
import { makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const ca = readFileSync(pki.ca);
const OF_ALICE = { credentials: { ...pki.server, clientCa: pki.ca } };
const TICKETS_MS = 100;

/** Whoever was let in: what of the session can be kept. */
async function keepSessions(address: string, options: ConnectionOptions): Promise<Buffer[]> {
  const kept: Buffer[] = [];
  const stream = await beginTls(address, options);
  stream.on('session', (session: Buffer) => kept.push(session));
  expect(await isLetIn(stream)).toBe(true);
  await sleep(TICKETS_MS);
  const session = stream.getSession();
  if (session !== undefined) kept.push(session);
  expect(kept.length).toBeGreaterThan(0);
  stream.destroy();
  return kept;
}

describe.for(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const client = { ca, minVersion: version, maxVersion: version } as const;
  const alice = { ...client, ...shows(pki.alice) };

  test('a session that was kept lets in nobody without a certificate', async () => {
    const [, address] = await openHost(TRANSPORT.certificate, OF_ALICE);
    for (const session of await keepSessions(address, alice)) {
      expect(await isLetIn(await beginTls(address, { ...client, session }))).toBe(false);
      const again = await beginTls(address, { ...alice, session });
      expect(await isLetIn(again)).toBe(true);
      expect(again.isSessionReused()).toBe(false);
    }
  });

  test('nor does one of a host that asks for none, with the same certificate', async () => {
    const [, open] = await openHost(TRANSPORT.none, { credentials: pki.server });
    const [, address] = await openHost(TRANSPORT.certificate, OF_ALICE);
    for (const session of await keepSessions(open, client)) {
      expect(await isLetIn(await beginTls(address, { ...client, session }))).toBe(false);
    }
  });

  test('one that was kept lets in nobody whose certificate was revoked since', async () => {
    const clientCrl = path.join(temporaryDirectory(), 'crl.pem');
    copyFileSync(pki.authority.revoke(pki.revoked), clientCrl);
    const binding = new NetTcpBinding({ security: TRANSPORT.certificate, onNotice: () => {} });
    const credentials = { ...OF_ALICE.credentials, clientCrl };
    const host = new ServiceHost(binding, { credentials });
    const Add = (n1: number, n2: number): number => n1 + n2;
    const calculator = { Add, Subtract: Add, Multiply: Add, Divide: Add };
    host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
    await host.open();
    onTestFinished(() => host.abort());
    const address = host.addresses[0] ?? '';
    const kept = await keepSessions(address, alice);
    copyFileSync(pki.authority.revoke(pki.revoked, pki.alice), `${clientCrl}.new`);
    renameSync(`${clientCrl}.new`, clientCrl);
    await eventually(async () => expect(await isLetIn(await beginTls(address, alice))).toBe(false));
    for (const session of kept) {
      expect(await isLetIn(await beginTls(address, { ...alice, session }))).toBe(false);
      expect(await isLetIn(await beginTls(address, { ...client, session }))).toBe(false);
    }
  });
});

test('nobody begins a handshake within a session', async () => {
  const errors: string[] = [];
  const [host, address] = await openHost(TRANSPORT.certificate, {
    ...OF_ALICE,
    onConnectionError: ({ message }) => errors.push(message),
  });
  const stream = await beginTls(address, { ca, maxVersion: 'TLSv1.2', ...shows(pki.alice) });
  expect(await isLetIn(stream)).toBe(true);
  const outcome = await new Promise((resolve) => {
    stream.once('close', () => resolve('closed'));
    stream.renegotiate({}, (error) => resolve(error === null ? 'done' : 'refused'));
  });
  expect(outcome).not.toBe('done');
  await eventually(() => expect(host.connectionCount).toBe(0));
  expect(errors.join()).toContain('The TLS session with a client broke');
});

test('a client of ours keeps none either: it looks at the certificate each time', async () => {
  const [, address] = await openHost(TRANSPORT.none, { credentials: pki.server });
  let looks = 0;
  const validateCertificate = (): boolean => (looks += 1) > 0;
  const binding = new NetTcpBinding({ security: TRANSPORT.none });
  for (let turn = 1; turn <= 3; turn++) {
    using factory = new ChannelFactory(ICalculator, binding, {
      credentials: { validateCertificate },
    });
    await using proxy = factory.createChannel(address);
    expect(await proxy.Add(1, 2)).toBe(3);
    expect(looks).toBe(turn);
  }
});
