import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeStream, formatRecord } from '../../../shared/tool/decode/decode.ts';
import { Command, PORT_SHARING, runCommand } from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { request, response } from '../../helpers/msgpack.ts';
import { octets } from '../../helpers/octets.ts';
import { preamble } from '../../helpers/network/raw-client.ts';

const VIA = 'net.tcp://localhost:9000/calculator/4381';
// Add(100, 15.99) as a WCF client was seen to send it, string table and all.
const CAPTURED = octets(`
  06 dc 01 8d 01 34 68 74 74 70 3a 2f 2f 4d 69 63 72 6f 73 6f 66 74 2e 53 61 6d 70 6c 65 73 2e 50
  6f 72 74 53 68 61 72 69 6e 67 2f 49 43 61 6c 63 75 6c 61 74 6f 72 2f 41 64 64 28 6e 65 74 2e 74
  63 70 3a 2f 2f 6c 6f 63 61 6c 68 6f 73 74 3a 39 30 30 30 2f 63 61 6c 63 75 6c 61 74 6f 72 2f 34
  33 38 31 03 41 64 64 24 68 74 74 70 3a 2f 2f 4d 69 63 72 6f 73 6f 66 74 2e 53 61 6d 70 6c 65 73
  2e 50 6f 72 74 53 68 61 72 69 6e 67 02 6e 31 02 6e 32 56 02 0b 01 73 04 0b 01 61 06 56 08 44 0a
  1e 00 82 ab 01 44 1a ad 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00 44 2c 44 2a ab 14 01 44
  0c 1e 00 82 ab 03 01 56 0e 42 05 0a 07 42 09 89 64 42 0b 93 7b 14 ae 47 e1 fa 2f 40 01 01 01`);
// The next message of the same session, which uses the table of the first.
const SECOND = octets(`
  06 4a 00 56 02 0b 01 73 04 0b 01 61 06 56 08 44 0a 1e 00 82 ab 01 44 1a ad 44 33 22 11 66 55 88
  77 99 aa bb cc dd ee ff 00 44 2c 44 2a ab 14 01 44 0c 1e 00 82 ab 03 01 56 0e 42 05 0a 07 42 09
  91 00 00 c0 3f 42 0b 89 fd 01 01 01`);
const linesOf = (wire: Uint8Array): string[] => decodeStream(wire).flatMap(formatRecord);
const session = (encoding: string | number, ...messages: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([preamble(VIA, encoding), ...messages, Uint8Array.of(7)]);

test('shows a session of WCF, its string tables resolved', () => {
  const lines = linesOf(session(8, CAPTURED, SECOND));
  expect(lines.slice(0, 6)).toEqual([
    'Version 1.0',
    'Mode 2 duplex (buffered)',
    `Via ${VIA}`,
    'KnownEncoding 8 application/soap+msbinsession1',
    'PreambleEnd',
    'SizedEnvelope 220 bytes',
  ]);
  const text = lines.join('\n');
  expect(text).toContain('<n1>100</n1>');
  expect(text).toContain('<n2>15.99</n2>');
  expect(text).toContain('<n2>-3</n2>');
  expect(text.match(/ICalculator\/Add</g)).toHaveLength(2);
  expect(lines.at(-1)).toBe('End');
  expect(lines.filter((line) => line.trim() === '')).toEqual([]);
});

test('begins anew with each session', () => {
  const lines = linesOf(Buffer.concat([session(8, CAPTURED), session(8, SECOND)]));
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(1);
});

test('shows MessagePack, and both sides of it', () => {
  const call = request(1, 'Add', 100, 15.99);
  const lines = linesOf(
    session('application/x-msgpack-rpc', Buffer.from([6, call.length, ...call])),
  );
  expect(lines).toContain('    [0, 1, "Add", [100, 15.99]]');
  const answer = response(1, 115.99);
  expect(linesOf(Buffer.from([0x0b, 6, answer.length, ...answer, 7]))).toEqual([
    'PreambleAck',
    `SizedEnvelope ${answer.length} bytes`,
    '    [1, 1, nil, 115.99]',
    'End',
  ]);
});

test.for<[name: string, wire: string, last: string]>([
  ['HTTP', '47 45 54', '✗ 0x47 does not begin a record of net.tcp'],
  ['half a record', '06 05 01', '✗ 3 bytes of an incomplete record'],
  ['nothing', '', ''],
])('says what is wrong with %s', ([, wire, last]) => {
  expect(linesOf(octets(wire)).at(-1) ?? '').toBe(last);
});

test('reads standard input, and ends with a status for bytes that are wrong', async () => {
  const good = await runCommand(PORT_SHARING, ['decode', '-'], { input: '\x0b\x07' });
  expect(good).toMatchObject({ status: 0, stdout: 'PreambleAck\nEnd\n' });
  const bad = await runCommand(PORT_SHARING, ['decode', '-'], { input: 'GET / HTTP/1.1\r\n' });
  expect(bad).toMatchObject({ status: 76 });
});

/** Whether a process waits for something to happen at a descriptor. */
function watches(pid: number, descriptor: number): boolean {
  const watched = new RegExp(`^tfd:\\s+${descriptor}\\s`, 'm');
  return readdirSync(`/proc/${pid}/fdinfo`).some((file) =>
    watched.test(readFileSync(`/proc/${pid}/fdinfo/${file}`, 'utf8')),
  );
}

test('ends at the first Ctrl-C while it waits for input', async ({ skip }) => {
  if (process.platform !== 'linux') skip('only /proc tells when it has begun to read');
  const command = new Command(PORT_SHARING, ['decode', '-']);
  await eventually(() => expect(watches(command.pid, 0)).toBe(true));
  command.kill('SIGINT');
  expect(await command.finished).toMatchObject({ status: 130, stdout: '', stderr: '' });
});

test('has an object for each record in JSON', async () => {
  const call = request(1, 'Add', 1, 2);
  const wire = Buffer.concat([Uint8Array.of(0x0b, 6, call.length), call, Buffer.from('\x03\x08G')]);
  const ran = await runCommand(PORT_SHARING, ['--json', 'decode', '-'], {
    input: wire,
  });
  expect(ran).toMatchObject({ status: 76, stderr: '' });
  const lines = ran.stdout.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { record: 'PreambleAck' },
    { record: 'SizedEnvelope', octets: call.length, message: '[0, 1, "Add", [1, 2]]' },
    { record: 'KnownEncoding', value: '8 application/soap+msbinsession1' },
    { error: '0x47 does not begin a record of net.tcp' },
  ]);
  const [, , envelope] = decodeStream(Buffer.concat([Uint8Array.of(3, 8, 0x0b), CAPTURED]));
  expect(envelope).toMatchObject({ record: 'SizedEnvelope', octets: 220 });
  expect(envelope?.xml).toContain('<n1>100</n1>');
});

test.for<[file: string, text: string]>([
  ['/nonexistent', '"/nonexistent" cannot be read: ENOENT'],
  ['/', '"/" is a directory.'],
  ['-', 'Standard input is empty'],
  ['/\x1b[31m', '"/\\u001b[31m" cannot be read: ENOENT'],
])('decode %j', async ([file, text]) => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, ['decode', file]);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(text);
  expect(stderr).not.toContain('\x1b');
});
