// A machine's values in the registry, and the address of a registry.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import {
  isPlace,
  pathKey,
  readMachine,
  SLICE_SIZE,
  writeMachine,
} from '../../../shared/fleet/registry/machine.ts';
import { isPrivate, parseRegistry } from '../../../shared/fleet/registry/registry-address.ts';
import { untrusted } from '../../../shared/printable.ts';

const PLACE = '10.0.0.11:9000';

test.for([
  ['net.tcp://calc:9000/', '/'],
  ['net.tcp://calc:9000/a', '/a/'],
  ['net.tcp://calc:9000/Calculator/7/', '/calculator/7/'],
  ['net.tcp://calc:9000//a//B', '/a/b/'],
  ['net.tcp://calc:9000/a;b=1', '/a;b=1/'],
  ['net.tcp://calc:9000/caf\u00e9', '/caf%c3%a9/'],
])('%s has the key %s', ([uri = '', key]) => {
  expect(pathKey(parseAddress(uri))).toBe(key);
});

test.for([
  ['10.0.0.11:9000', true],
  ['[fd00::1]:9000', true],
  ['calc.example:9000', false],
  ['10.0.0.11', false],
  ['10.0.0.11:0', false],
  ['10.0.0.11:09000', false],
  ['10.0.0.11:9000/x', false],
  ['fd00::1:9000', false],
  ['', false],
] as const)('whether %s is a place: %s', ([text, is]) => {
  expect(isPlace(text)).toBe(is);
});

const path = fc
  .array(fc.stringMatching(/^[a-z0-9\-._~;=%]{1,12}$/), { maxLength: 4 })
  .map((segments) => `/${segments.map((segment) => `${segment}/`).join('')}`);

test('what is written is read, in slices of at most a hundred', () => {
  const paths = fc.uniqueArray(path, { maxLength: 350 });
  fc.assert(
    fc.property(paths, fc.constantFrom('ready', 'leaving'), (list, state) => {
      const machine = { at: PLACE, state, paths: new Set(list) } as const;
      const written = writeMachine(machine);
      expect(written.size).toBe(Math.max(1, Math.ceil(list.length / SLICE_SIZE)));
      const values = new Map([...written].map(([key, text]) => [key, untrusted(text)]));
      expect(readMachine(values)).toEqual(machine);
    }),
    { numRuns: 30 },
  );
});

test.for([
  ['nothing', []],
  ['no JSON', [['0', '{']]],
  ['a list', [['0', '[]']]],
  ['no place', [['0', '{"state":"ready","paths":[]}']]],
  ['a name for a place', [['0', '{"at":"x:9000","state":"ready","paths":[]}']]],
  ['no state', [['0', `{"at":"${PLACE}","paths":[]}`]]],
  ['another state', [['0', `{"at":"${PLACE}","state":"up","paths":[]}`]]],
  ['no first slice', [['1', '{"paths":["/a/"]}']]],
] as const)('%s is no machine', ([, values]) => {
  expect(readMachine(valuesOf(values))).toBeUndefined();
});

test.for([
  ['a command behind it', '/a/ x\nshutdown sessions server', false],
  ['upper case', '/A/', false],
  ['no slash at its end', '/a', false],
  ['no slash at its beginning', 'a/', false],
  ['an empty segment', '//', false],
  ['a blank', '/a b/', false],
  ['a control character', '/a\u0000/', false],
  ['a number', 7, false],
  ['2,049 characters', `/${'a'.repeat(2_047)}/`, false],
  ['2,048 characters', `/${'a'.repeat(2_046)}/`, true],
  ['a semicolon', '/a;b/', true],
  ['the root', '/', true],
] as const)('of a document, a path with %s', ([, text, isTaken]) => {
  const document = JSON.stringify({ at: PLACE, state: 'ready', slices: 1, paths: [text, '/b/'] });
  const { paths } = readMachine(valuesOf([['0', document]])) ?? {};
  expect([...(paths ?? [])]).toEqual(isTaken ? [text, '/b/'] : ['/b/']);
});

test('a document cannot claim slices without end', () => {
  const document = JSON.stringify({ at: PLACE, state: 'ready', slices: 1e300, paths: [] });
  expect(readMachine(valuesOf([['0', document]]))?.paths.size).toBe(0);
});

test.for([
  ['etcd://10.0.0.5:2379', false, '/net-tcp-port-sharing', 1],
  ['etcds://a:2379,b:2379,[::1]:2379', true, '/net-tcp-port-sharing', 3],
  ['etcd://a:2379/fleets//one/', false, '/fleets/one', 1],
] as const)('the registry %s', ([text, isSecured, prefix, members]) => {
  const address = parseRegistry(text);
  expect([address.isSecured, address.prefix, address.members.length]).toEqual([
    isSecured,
    prefix,
    members,
  ]);
});

test.for([
  '',
  'etcd://',
  'http://a:2379',
  'etcd://a',
  'etcd://a:0',
  'etcd://u:p@a:1',
  'etcd://a:1?x',
])('"%s" is no registry', (text) => {
  expect(() => parseRegistry(text)).toThrow(/etcd:\/\/HOST:2379/);
});

test.for([
  ['etcds://10.0.0.5:2379', true],
  ['etcd://127.0.0.1:2379,localhost:2380', true],
  ['etcd://127.0.0.1:2379,10.0.0.5:2379', false],
] as const)('whether a password may go to %s: %s', ([text, may]) => {
  expect(isPrivate(parseRegistry(text))).toBe(may);
});

function valuesOf(
  values: readonly (readonly [string, string])[],
): ReadonlyMap<string, ReturnType<typeof untrusted>> {
  return new Map(values.map(([key, text]) => [key, untrusted(text)]));
}
