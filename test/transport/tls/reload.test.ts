// Keys and certificates are read again when their files change.
import { renameSync, symlinkSync, writeFileSync, copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import { eventually } from '../../helpers/eventually.ts';
import { factoryFor, makeCertificates, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const second = pki.authority.issue('second', { name: 'second' });

interface Files {
  readonly certificate: string;
  readonly key: string;
  /** With it, clients have to present certificates of that CA. */
  readonly clientCa?: string;
}

async function hosting(files: Files) {
  const notices: string[] = [];
  const onNotice = (text: string): number => notices.push(text);
  const security = files.clientCa === undefined ? TRANSPORT.none : TRANSPORT.certificate;
  const binding = new NetTcpBinding({ security, onNotice });
  const host = new ServiceHost(binding, { credentials: files });
  const Add = (n1: number, n2: number): number => n1 + n2;
  const implementation = { Add, Subtract: Add, Multiply: Add, Divide: Add };
  host.addEndpoint(ICalculator, implementation, 'net.tcp://localhost:0/calc');
  await host.open();
  onTestFinished(() => host.abort());
  return { address: host.addresses[0] ?? '', notices };
}

/** Subject of the certificate that a new session is shown. */
async function subject(address: string): Promise<string> {
  let shown = '';
  const factory = factoryFor(TRANSPORT.none, {
    validateCertificate(certificate) {
      shown = Buffer.from(certificate).includes('second') ? 'second' : 'first';
      return true;
    },
  });
  await using proxy = factory.createChannel(address);
  expect(await proxy.Add(1, 2)).toBe(3);
  return shown;
}

/** A directory with a certificate and a key. */
function files(): Files {
  const directory = temporaryDirectory();
  const made = {
    certificate: path.join(directory, 'tls.crt'),
    key: path.join(directory, 'tls.key'),
  };
  copyFileSync(pki.server.certificate, made.certificate);
  copyFileSync(pki.server.key, made.key);
  return made;
}

function replace(file: string, by: string): void {
  copyFileSync(by, `${file}.new`);
  renameSync(`${file}.new`, file);
}

test('files replaced one by one hold from the next session on; open ones go on', async () => {
  const own = files();
  const { address, notices } = await hosting(own);
  const binding = new NetTcpBinding({ security: TRANSPORT.none });
  const factory = new ChannelFactory(ICalculator, binding, { credentials: { ca: pki.ca } });
  await using open = factory.createChannel(address);
  expect(await open.Add(1, 2)).toBe(3);
  expect(await subject(address)).toBe('first');
  replace(own.certificate, second.certificate);
  replace(own.key, second.key);
  await eventually(async () => expect(await subject(address)).toBe('second'));
  expect(await open.Add(1, 2)).toBe(3);
  expect(notices.join()).toContain('read again');
  expect(notices.join()).not.toContain('no use');
  factory.close();
});

test('a link on the way that leads elsewhere, as in Kubernetes', async () => {
  const directory = temporaryDirectory();
  for (const [version, issued] of [
    ['v1', pki.server],
    ['v2', second],
  ] as const) {
    mkdirSync(path.join(directory, version));
    copyFileSync(issued.certificate, path.join(directory, version, 'tls.crt'));
    copyFileSync(issued.key, path.join(directory, version, 'tls.key'));
  }
  const link = path.join(directory, '..data');
  symlinkSync('v1', link);
  symlinkSync('..data/tls.crt', path.join(directory, 'tls.crt'));
  symlinkSync('..data/tls.key', path.join(directory, 'tls.key'));
  const { address } = await hosting({
    certificate: path.join(directory, 'tls.crt'),
    key: path.join(directory, 'tls.key'),
  });
  expect(await subject(address)).toBe('first');
  symlinkSync('v2', `${link}.new`);
  renameSync(`${link}.new`, link);
  await eventually(async () => expect(await subject(address)).toBe('second'));
});

test('a bad file is reported, and the old one stays; the report has no key in it', async () => {
  const own = files();
  const { address, notices } = await hosting(own);
  writeFileSync(own.key, '-----BEGIN PRIVATE KEY-----\nSECRETMARKER\n-----END PRIVATE KEY-----\n');
  await eventually(() => expect(notices.join()).toContain('What was read before stays in use'));
  expect(notices.join()).toContain(own.key);
  expect(notices.join()).not.toContain('SECRETMARKER');
  expect(await subject(address)).toBe('first');
});

test('a file of CAs in which there is none is reported, and the old ones stay', async () => {
  const clientCa = path.join(temporaryDirectory(), 'ca.pem');
  copyFileSync(pki.ca, clientCa);
  const { address, notices } = await hosting({ ...files(), clientCa });
  const alice = factoryFor(TRANSPORT.certificate, { ca: pki.ca, ...pki.alice });
  for (const text of ['', 'no certificate', '-----BEGIN CERTIFICATE-----\nU0VD']) {
    notices.length = 0;
    writeFileSync(clientCa, text);
    await eventually(() => expect(notices.join()).toContain('What was read before stays in use'));
    await using proxy = alice.createChannel(address);
    expect(await proxy.Add(1, 2)).toBe(3);
  }
});

test('a certificate that is good for nobody now is told of, when it is read', async () => {
  const server = { name: 'localhost', days: -1 };
  const { notices } = await hosting(pki.authority.issue('old-server', server));
  expect(notices).toEqual([
    expect.stringMatching(/old-server\.pem.* has expired on .* GMT: peers/),
  ]);
});

test('files that are no good are refused when the host opens', async () => {
  const own = files();
  writeFileSync(own.certificate, 'x');
  await expect(hosting(own)).rejects.toMatchObject({
    code: 'Usage',
    message: expect.stringContaining(own.certificate),
  });
  await expect(hosting({ ...own, key: '/nowhere.key' })).rejects.toMatchObject({ code: 'Usage' });
});

test('any number of factories may use one file, and Node warns of none', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): number => warnings.push(message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const { address } = await hosting(files());
  for (let count = 0; count < 12; count++) {
    await using proxy = factoryFor(TRANSPORT.none, { ca: pki.ca }).createChannel(address);
    expect(await proxy.Add(1, 2)).toBe(3);
  }
  expect(warnings).toEqual([]);
});
