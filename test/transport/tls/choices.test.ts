// What an operator can choose of TLS: names, revoked certificates, versions, ciphers.
import { describe, expect, test } from 'vitest';
import type { ClientCredentials } from '../../../shared/index.ts';
import type { TlsOptions } from '../../../shared/security/settings.ts';
import { eventually } from '../../helpers/eventually.ts';
import { factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const crl = pki.authority.revoke(pki.revoked, pki.revokedServer);

describe('the name of a service', () => {
  test.for<[what: string, credentials: Pick<ClientCredentials, 'dnsIdentity'>, isTaken: boolean]>([
    ['that dnsIdentity says', { dnsIdentity: 'elsewhere.example' }, true],
    ['in capital letters', { dnsIdentity: 'Elsewhere.EXAMPLE' }, true],
    ['of the address, which the certificate does not have', {}, false],
    ['that the certificate does not have', { dnsIdentity: 'nobody.example' }, false],
    ['that only ends like it', { dnsIdentity: 'not-elsewhere.example' }, false],
    ['below it', { dnsIdentity: 'a.elsewhere.example' }, false],
    ['of its subject, which counts for nothing beside others', { dnsIdentity: 'elsewhere' }, false],
  ])('%s', async ([, credentials, isTaken]) => {
    const [, address] = await openHost(TRANSPORT.none, { credentials: pki.other });
    const factory = factoryFor(TRANSPORT.none, { ca: pki.ca, ...credentials });
    const call = factory.createChannel(address).Add(1, 2);
    if (isTaken) expect(await call).toBe(3);
    else {
      await expect(call).rejects.toMatchObject({
        code: 'SecurityNegotiation',
        message: expect.stringContaining('subjectAltName'),
      });
    }
  });

  test('dnsIdentity has to be right where localhost would be', async () => {
    const [, address] = await openHost(TRANSPORT.none, { credentials: pki.server });
    const credentials = { ca: pki.ca, dnsIdentity: 'elsewhere.example' };
    const call = factoryFor(TRANSPORT.none, credentials).createChannel(address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
  });
});

describe('revoked certificates', () => {
  test.for([
    ['alice', true],
    ['revoked', false],
  ] as const)('clientCrl: %s calls: %s', async ([shown, isTaken]) => {
    const errors: string[] = [];
    const [, address] = await openHost(TRANSPORT.certificate, {
      credentials: { ...pki.server, clientCa: pki.ca, clientCrl: crl },
      onConnectionError: ({ message }) => errors.push(message),
    });
    const factory = factoryFor(TRANSPORT.certificate, { ca: pki.ca, ...pki[shown] });
    const call = factory.createChannel(address).Add(1, 2);
    if (isTaken) return expect(await call).toBe(3);
    await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
    await eventually(() => expect(errors.join()).toContain('refused: CERT_REVOKED'));
  });

  test.for([
    ['server', true],
    ['revokedServer', false],
  ] as const)('crl: %s is called: %s', async ([own, isTaken]) => {
    const [, address] = await openHost(TRANSPORT.none, { credentials: pki[own] });
    const call = factoryFor(TRANSPORT.none, { ca: pki.ca, crl }).createChannel(address).Add(1, 2);
    if (isTaken) return expect(await call).toBe(3);
    await expect(call).rejects.toMatchObject({
      code: 'SecurityNegotiation',
      message: expect.stringContaining('was revoked'),
    });
  });
});

const [AES_128, AES_256] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
const OLD = { maxVersion: 'TLSv1.2' } as const;

test.for<[what: string, service: TlsOptions, client: TlsOptions, isTaken: boolean]>([
  ['defaults', {}, {}, true],
  ['1.2 at most, 1.2 at least', OLD, {}, true],
  ['1.3 at least, 1.2 at most', { minVersion: 'TLSv1.3' }, OLD, false],
  ['1.2 at most, 1.3 at least', OLD, { minVersion: 'TLSv1.3' }, false],
  ['a cipher that both have', { ...OLD, ciphers: AES_256 }, { ciphers: AES_256 }, true],
  ['ciphers that only one has', { ...OLD, ciphers: AES_256 }, { ...OLD, ciphers: AES_128 }, false],
])('versions and ciphers: %s', async ([, service, client, isTaken]) => {
  const errors: string[] = [];
  const onConnectionError = ({ message }: Error): number => errors.push(message);
  const secured = { ...TRANSPORT.none, tls: service };
  const [, address] = await openHost(secured, { credentials: pki.server, onConnectionError });
  const factory = factoryFor({ ...TRANSPORT.none, tls: client }, { ca: pki.ca });
  const call = factory.createChannel(address).Add(1, 2);
  if (isTaken) return expect(await call).toBe(3);
  // Neither side falls back to anything weaker.
  await expect(call).rejects.toMatchObject({ message: expect.stringContaining('TLS handshake') });
  await eventually(() => expect(errors.join()).toContain('The TLS handshake with a client failed'));
});

test.for<[what: string, tls: TlsOptions, says: string]>([
  ['that there are not', { ciphers: 'NONSENSE' }, 'no cipher match'],
  ['of 1.2, with 1.3 at least', { minVersion: 'TLSv1.3', ciphers: AES_256 }, 'of TLS 1.3'],
  ['of 1.3, with 1.2 at most', { ...OLD, ciphers: 'TLS_AES_256_GCM_SHA384' }, 'of TLS 1.2'],
])('ciphers %s are refused by their name, on both sides', async ([, tls, says]) => {
  const refused = {
    code: 'Usage',
    message: expect.stringMatching(`^security.tls.ciphers cannot be used: .*${says}`),
  };
  const security = { ...TRANSPORT.none, tls };
  await expect(openHost(security, { credentials: pki.server })).rejects.toMatchObject(refused);
  const proxy = factoryFor(security, { ca: pki.ca }).createChannel('net.tcp://localhost:1/calc');
  await expect(proxy.Add(1, 2)).rejects.toMatchObject(refused);
});
