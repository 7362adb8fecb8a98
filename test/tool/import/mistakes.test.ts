// What cannot be imported is said by the command as it is installed: in a sentence and a status, without a stack.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../scripts/run.ts';
import { PORT_SHARING } from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

/** A server that answers 404 to everything, and files that are no metadata. */
async function places(): Promise<{ readonly directory: string; readonly server: string }> {
  const directory = scratchDirectory();
  mkdirSync(path.join(directory, 'folder'));
  writeFileSync(path.join(directory, 'text.wsdl'), 'text');
  writeFileSync(path.join(directory, 'page.wsdl'), '<html/>');
  const server = createServer((_, response) => void response.writeHead(404).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { directory, server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.for<[source: string, status: number, text: RegExp]>([
  ['DIRECTORY/nowhere.wsdl', 64, /^Usage: ".*nowhere.wsdl" cannot be read: ENOENT/],
  ['DIRECTORY/folder', 64, /^Usage: ".*folder" is a directory\.\n$/],
  ['DIRECTORY/text.wsdl', 76, /^Protocol: ".*text.wsdl" is not XML: /],
  ['DIRECTORY/page.wsdl', 76, /^Protocol: .*page.wsdl/],
  ['SERVER/?wsdl', 66, /^EndpointNotFound: ".*" answered with status 404\.\n$/],
  ['http://127.0.0.1:9/?wsdl', 74, /^Communication: ".*" could not be fetched: bad port\.\n$/],
  ['net.tcp://127.0.0.1:1/mex', 69, /^EndpointNotFound: /],
])('import %s ends with %i', async ([source, status, text]) => {
  const { directory, server } = await places();
  const from = source.replace('DIRECTORY', directory).replace('SERVER', server);
  const ended = await run([process.execPath, PORT_SHARING, 'import', from]);
  expect(ended).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(text) });
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
});
