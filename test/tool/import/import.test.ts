// `net-tcp-port-sharing import`, as somebody types it.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import { freePort } from '../../../scripts/free-port.ts';
import {
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
} from '../../helpers/command.ts';
import { type Finished, runHere } from './run-here.ts';

const SHOP = 'test/fixtures/shop';
const SHOP_TS = readFileSync(`${SHOP}/shop.ts`, 'utf8');

/** A server on a port of its own. @returns its address */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  return `http://127.0.0.1:${port}`;
}

const shop: RequestListener = ({ url = '' }, response) => {
  response.end(readFileSync(path.join(SHOP, url)));
};

test('a file, with what it imports, becomes TypeScript on standard output', async () => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, [
    'import',
    `${SHOP}/shop.wsdl`,
  ]);
  expect(status).toBe(0);
  expect(stdout).toBe(SHOP_TS);
  expect(stderr).toMatch(/^11 contracts, \d+ operations\n$/);
});

test('what a contract cannot say is counted, and a comment says why', async () => {
  const directory = temporaryDirectory();
  cpSync(SHOP, directory, { recursive: true });
  const schema = path.join(directory, 'xsd0.xsd');
  const attribute = '<xs:attribute name="Id" type="xs:int" use="required"/>';
  writeFileSync(schema, readFileSync(schema, 'utf8').replace(attribute, '<xs:anyAttribute/>'));
  const { stdout, stderr } = await runHere(['import', path.join(directory, 'shop.wsdl')]);
  expect(stdout).toContain('// EchoPerson cannot be expressed: XmlPerson: it has xs:anyAttribute');
  expect(stderr).toContain('1 operation cannot be expressed');
});

test('a file is written, the same a second time, and never over one of somebody else', async () => {
  const out = path.join(temporaryDirectory(), 'shop.ts');
  const args = ['import', `${SHOP}/shop.wsdl`, '--out', out];
  expect(await runHere(args)).toMatchObject({ status: 0, stdout: '' });
  expect(readFileSync(out, 'utf8')).toBe(SHOP_TS);
  expect(await runHere(args)).toMatchObject({ status: 0 });
  expect(readFileSync(out, 'utf8')).toBe(SHOP_TS);
  writeFileSync(out, 'mine');
  const refused = await runHere(args);
  expect(refused).toMatchObject({ status: 64 });
  expect(refused.stderr).toContain('was not made by import');
  expect(readFileSync(out, 'utf8')).toBe('mine');
});

test('the metadata of a service over HTTP', async () => {
  const at = await serve(shop);
  const { status, stdout } = await runHere(['import', `${at}/shop.wsdl`, '--json']);
  expect(status).toBe(0);
  const { written, contracts } = JSON.parse(stdout);
  expect(written.split('\n').slice(1)).toEqual(SHOP_TS.split('\n').slice(1));
  expect(contracts[1]).toMatchObject({ name: 'IData', namespace: 'http://example.org/shop' });
});

test('what is on another host is fetched only if that is wanted', async () => {
  const other = await serve(shop);
  const at = await serve(({ url }, response) => {
    const text = readFileSync(path.join(SHOP, url ?? ''), 'utf8');
    response.end(text.replaceAll('shop-types.wsdl', `${other}/shop-types.wsdl`));
  });
  const [alone, both] = await Promise.all([
    runHere(['import', `${at}/shop.wsdl`]),
    runHere(['import', `${at}/shop.wsdl`, '--other-hosts']),
  ]);
  expect(alone.stderr).toContain(
    `Not fetched, because it is on another host: ${other}/shop-types.wsdl. With --other-hosts it is.`,
  );
  expect(alone.stdout).not.toContain('IData');
  expect(both).toMatchObject({ status: 0 });
  expect(both.stdout.split('\n').slice(1)).toEqual(SHOP_TS.split('\n').slice(1));
});

const DOCTYPE = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>';

test.for<[what: string, body: string, status: number, text: string]>([
  ['no XML', 'hello', 76, 'is not XML'],
  ['a page', '<html/>', 76, 'is neither WSDL nor a schema: its root is html.'],
  ['entities', DOCTYPE, 76, 'has a DOCTYPE, which is not read.'],
  ['no contract', '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>', 76, 'no portType'],
  ['nesting', '<a>'.repeat(65), 79, 'is over the limit maxDepth, 64.'],
])('%s is refused', async ([, body, status, text]) => {
  const at = await serve((_, response) => response.end(body));
  const refused = await runHere(['import', `${at}/?wsdl`]);
  expect(refused).toMatchObject({ status, stdout: '' });
  expect(refused.stderr).toContain(text);
});

test.for<[what: string, source: string, status: number, text: string]>([
  ['nothing', '', 64, 'Say what to import'],
  ['a file that is not there', '/nowhere.wsdl', 64, '"/nowhere.wsdl" cannot be read: ENOENT'],
  ['a directory', '/', 64, 'is a directory'],
  ['another kind of address', 'ftp://example.org/a', 64, 'is neither a file nor an address'],
  ['a port where nobody listens', 'http://127.0.0.1:2/', 69, 'Nothing listens at'],
])('%s is told', async ([, source, status, text]) => {
  const refused = await runHere(['import', ...(source === '' ? [] : [source])]);
  expect(refused).toMatchObject({ status, stdout: '' });
  expect(refused.stderr).toContain(text);
});

test.for<[what: string, answer: RequestListener, status: number, text: string]>([
  [
    'a missing page',
    (_, response) => response.writeHead(404).end(),
    66,
    'answered with status 404',
  ],
  ['an error', (_, response) => response.writeHead(500).end(), 74, 'answered with status 500'],
  [
    'another host',
    (_, response) => response.writeHead(302, { location: 'http://example.org/' }).end(),
    74,
    'has moved to "http://example.org/": name that address.',
  ],
  [
    'a ring',
    (_, response) => response.writeHead(302, { location: '/' }).end(),
    74,
    'redirects too often',
  ],
])('a server that answers with %s is told', async ([, answer, status, text]) => {
  const at = await serve(answer);
  const refused = await runHere(['import', `${at}/`]);
  expect(refused).toMatchObject({ status, stdout: '' });
  expect(refused.stderr).toContain(text);
});

test('maxMetadataBytes: so many bytes are read, one more is refused', async () => {
  const directory = temporaryDirectory();
  cpSync(SHOP, directory, { recursive: true });
  const names = [
    'shop.wsdl',
    'shop-types.wsdl',
    ...Array.from({ length: 11 }, (_, at) => `xsd${at}.xsd`),
  ];
  const size = names.reduce((sum, name) => sum + readFileSync(`${SHOP}/${name}`).length, 0);
  const runWith = async (bytes: number): Promise<Finished> => {
    vi.stubEnv('NET_TCP_PORT_SHARING_LIMITS', `maxMetadataBytes=${bytes}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    return await runHere(['import', path.join(directory, 'shop.wsdl')]);
  };
  const [enough, less] = [await runWith(size), await runWith(size - 1)];
  expect(enough).toMatchObject({ status: 0 });
  expect(less).toMatchObject({ status: 79 });
  expect(less.stderr).toContain('larger than maxMetadataBytes');
});

test('the metadata of a running service, on a shared port, whose status they do not change', async () => {
  const directory = privateDirectory();
  const port = await freePort();
  const service = new Command(SERVICE, ['--port', String(port), '--salt', '1', '--json'], {
    directory,
  });
  await service.ready();
  const source = `net.tcp://localhost:${port}/calculator/1/mex`;
  const [{ status, stdout }, shown] = await Promise.all([
    runHere(['import', source]),
    runCommand(PORT_SHARING, ['status', '--json'], { directory }),
  ]);
  expect(status).toBe(0);
  expect(stdout).toContain(`// Made by \`net-tcp-port-sharing import\` of ${source}\n`);
  expect(stdout).toContain("    Add: operation(\n      [\n        ['n1', types.double],");
  expect(JSON.parse(shown.stdout).registrations).toHaveLength(1);
  const none = await runHere(['import', `net.tcp://localhost:${port}/calculator/1`]);
  expect(none).toMatchObject({ status: 66 });
  expect(none.stderr).toContain('is not an address of metadata');
});
