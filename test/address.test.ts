import { describe, expect, test } from 'vitest';
import { atPort, makeAddress, parseAddress } from '../shared/address.ts';

test.for<[text: string, uri: string, host: string, port: number, segments: string[]]>([
  [
    'net.tcp://localhost:9000/calculator/4381',
    'net.tcp://localhost:9000/calculator/4381',
    'localhost',
    9000,
    ['calculator', '4381'],
  ],
  ['net.tcp://localhost/x', 'net.tcp://localhost/x', 'localhost', 808, ['x']],
  ['net.tcp://localhost', 'net.tcp://localhost/', 'localhost', 808, []],
  ['NET.TCP://Host:1/A', 'net.tcp://Host:1/A', 'Host', 1, ['A']],
  ['net.tcp://h:1//a///b/', 'net.tcp://h:1/a/b', 'h', 1, ['a', 'b']],
  ['net.tcp://h:1/a?query#fragment', 'net.tcp://h:1/a', 'h', 1, ['a']],
  ['net.tcp://[::1]:9000/x', 'net.tcp://[::1]:9000/x', '::1', 9000, ['x']],
  [
    'net.tcp://[fe80::1%eth0]:9000/x',
    'net.tcp://[fe80::1%eth0]:9000/x',
    'fe80::1%eth0',
    9000,
    ['x'],
  ],
  ['net.tcp://192.0.2.7:65535/%41', 'net.tcp://192.0.2.7:65535/%41', '192.0.2.7', 65_535, ['%41']],
  ['net.tcp://h:0/x', 'net.tcp://h:0/x', 'h', 0, ['x']],
])('reads %s', ([text, uri, host, port, segments]) => {
  expect(parseAddress(text)).toEqual({ uri, host, port, segments });
  expect(parseAddress(uri)).toEqual({ uri, host, port, segments });
});

describe('refuses', () => {
  test.for([
    '',
    'http://localhost:9000/x',
    'net.tcp:/localhost/x',
    'net.tcp://',
    'net.tcp://:9000/x',
    'net.tcp://user@host/x',
    'net.tcp://host:65536/x',
    'net.tcp://host:-1/x',
    'net.tcp://host:1e3/x',
    'net.tcp://::1/x',
    'net.tcp://host/../x',
    'net.tcp://host/./x',
    'net.tcp://host/a b',
    'net.tcp://host/a\\b',
    'net.tcp://host/%4',
    'net.tcp://host/%zz',
    'net.tcp://host/a\0b',
    'net.tcp://host/ünïcode',
    'net.tcp://ho\u202Est/x',
    'net.tcp://host\n/x',
  ])('%j', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'Usage' }));
  });

  test('and prints nothing of it that a terminal obeys', () => {
    expect(() => parseAddress('\x1b[2J')).toThrow(/^"\\u001b\[2J" is not a net\.tcp address/);
  });
});

test('moves an address to another port', () => {
  expect(atPort(parseAddress('net.tcp://[::1]:0/a/b'), 9000).uri).toBe('net.tcp://[::1]:9000/a/b');
  expect(makeAddress('h', 808, ['x']).uri).toBe('net.tcp://h/x');
});
