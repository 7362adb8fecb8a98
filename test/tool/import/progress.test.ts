// What a person at a terminal sees of an import that takes long; what is in a pipe has nothing of it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Command, PORT_SHARING, privateDirectory } from '../../helpers/command.ts';

const SHOP = 'test/fixtures/shop';

test.for([
  ['at a terminal', true, []],
  ['at a terminal, as JSON', true, ['--json']],
  ['in a pipe', false, []],
] as const)('%s', async ([, isTerminal, options]) => {
  const server = createServer(({ url = '' }, response) => {
    response.end(readFileSync(path.join(SHOP, url)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  const source = `http://127.0.0.1:${port}/shop.wsdl`;
  const args = JSON.stringify([PORT_SHARING, ...options, 'import', source]);
  const script = `
    if (${isTerminal}) Object.assign(process.stderr, { isTTY: true, columns: 120 });
    process.argv = [process.argv[0], ...${args}];
    await import(${JSON.stringify(`${process.cwd()}/${PORT_SHARING}`)});`;
  const directory = privateDirectory();
  const { stdout, stderr, status } = await new Command('--input-type=module', ['--eval', script], {
    directory,
  }).finished;
  expect({ status, hasEscape: stdout.includes('\x1b') }).toEqual({ status: 0, hasEscape: false });
  if (!isTerminal || options.length > 0) return expect(stderr).not.toContain('\x1b');
  expect(stderr).toContain(`0 s: 0 documents, 0 KiB; fetching ${source}`);
  expect(stderr).toMatch(/3 documents, \d+ KiB; fetching http:\S+xsd/);
  expect(stderr).toContain('13 documents; reading what they describe');
  expect(stderr).toContain('13 documents; writing TypeScript');
  // The line is gone before anything else is said.
  expect(stderr.split('\x1b[2K').at(-1)).toMatch(/^11 contracts, /);
});
