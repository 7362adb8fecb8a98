// Client certificates that are larger, or more, than anybody has: refused in a sentence, or taken and told in short.
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { beginTls, isLetIn } from './raw-tls.ts';
import { factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

vi.setConfig({ testTimeout: 180_000 });
const pki = makeCertificates();
const ca = readFileSync(pki.ca, 'utf8');
const alice = readFileSync(pki.alice.certificate, 'utf8');
const client = { usage: 'clientAuth' } as const;
/** Of the CA, with a subject or with names of that many kilobytes. */
const large = (kilobytes: number) =>
  pki.authority.issue(`large-${kilobytes}`, {
    ...client,
    name: `alice${`/OU=${'x'.repeat(60)}`.repeat(kilobytes * 16)}`,
  });
const manyNames = (kilobytes: number) =>
  pki.authority.issue(`names-${kilobytes}`, {
    ...client,
    name: 'alice',
    names: Array.from(
      { length: kilobytes * 16 },
      (_, at) => `DNS:${`n${at}`.padEnd(60, 'x')}`,
    ).join(),
  });

test.for(['TLSv1.2', 'TLSv1.3'] as const)('%s: certificates without measure', async (version) => {
  const errors: string[] = [];
  const [host, address] = await openHost(
    TRANSPORT.certificate,
    {
      credentials: { ...pki.server, clientCa: pki.ca },
      onConnectionError: ({ message }) => errors.push(message),
    },
    // Half a megabyte of certificates takes its time where a machine is busy.
    { limits: { preambleTimeoutMs: 60_000 } },
  );
  const show = async (cert: string, key = pki.alice.key): Promise<boolean> => {
    const versions = { minVersion: version, maxVersion: version };
    const stream = await beginTls(address, { ca, cert, key: readFileSync(key), ...versions });
    const isTaken = await isLetIn(stream);
    stream.destroy();
    return isTaken;
  };
  // A hundred certificates that are of no use between them do no harm; a thousand are too many.
  expect(await show(alice + ca.repeat(100))).toBe(true);
  expect(await show(alice + ca.repeat(1_000))).toBe(false);
  const huge = manyNames(120);
  expect(await show(readFileSync(huge.certificate, 'utf8'), huge.key)).toBe(false);
  await eventually(() => expect(errors).toHaveLength(2));
  for (const error of errors) expect(error).toContain('excessive message size');
  await eventually(() => expect(host.connectionCount).toBe(0));
});

test('a name of many kilobytes is told in short', async () => {
  const errors: string[] = [];
  const [, address] = await openHost(TRANSPORT.certificate, {
    credentials: { ...pki.server, clientCa: pki.ca },
    allow: ['CN=bob; 7EA5A522744EA62DB4CE536DE81BF14F654B7A94'],
    onConnectionError: ({ message }) => errors.push(message),
  });
  const factory = factoryFor(TRANSPORT.certificate, { ca: pki.ca, ...large(40) });
  const call = factory.createChannel(address).Add(1, 2);
  await expect(call).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
  await eventually(() => expect(errors).toEqual([expect.stringContaining('may not call Add')]));
  expect(errors.join().length).toBeLessThan(1_000);
});
