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
  ['net.tcp://h:1//a///b/', 'net.tcp://h:1//a///b/', 'h', 1, ['a', 'b']],
  ['net.tcp://h:1/a?query#fragment', 'net.tcp://h:1/a', 'h', 1, ['a']],
  ['net.tcp://[::1]:9000/x', 'net.tcp://[::1]:9000/x', '::1', 9000, ['x']],
  [
    'net.tcp://[fe80::1%eth0]:9000/x',
    'net.tcp://[fe80::1%eth0]:9000/x',
    'fe80::1%eth0',
    9000,
    ['x'],
  ],
  ['net.tcp://192.0.2.7:65535/%41', 'net.tcp://192.0.2.7:65535/A', '192.0.2.7', 65_535, ['A']],
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
    'net.tcp://host/a/%2E%2e/x',
    'net.tcp://host/a%2F..%5Cx',
    'net.tcp://host/a\ud800',
    'net.tcp://host/a\0b',
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

// `new Uri('net.tcp://localhost:9000' + path).AbsoluteUri`, of .NET 10.
test.for<[path: string, absolute: string]>([
  ['/calc/', '/calc/'],
  ['//calc', '//calc'],
  ['/café', '/caf%C3%A9'],
  ['/CAFÉ', '/CAF%C3%89'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/cafe%CC%81', '/cafe%CC%81'],
  ['/a b', '/a%20b'],
  ['/a%20b', '/a%20b'],
  ['/a%2Db', '/a-b'],
  ['/a%2db', '/a-b'],
  ['/a%7Eb', '/a~b'],
  ['/a%2Fb', '/a/b'],
  ['/a%5cb', '/a/b'],
  ['/a\\b', '/a/b'],
  ['/a%252F', '/a%252F'],
  ['/a%25b', '/a%25b'],
  ['/a%', '/a%25'],
  ['/a%4', '/a%254'],
  ['/a%zz', '/a%25zz'],
  ['/a%C3', '/a%C3'],
  ['/a%c3b', '/a%c3b'],
  ['/a%ff', '/a%ff'],
  ['/a%80b', '/a%80b'],
  ['/a%c3%a9%2d', '/a%C3%A9-'],
  ['/a+b', '/a+b'],
  ['/a%2Bb', '/a%2Bb'],
  ['/a%3fb', '/a%3fb'],
  ['/a%7cb', '/a%7cb'],
  ['/a%21%27%28%29%2A', '/a%21%27%28%29%2A'],
  ["/a!b'c(d)*", "/a!b'c(d)*"],
  ['/a$&,=;:@b', '/a$&,=;:@b'],
  ['/a[b]', '/a[b]'],
  ['/a{b}', '/a%7Bb%7D'],
  ['/a"<|^`>b', '/a%22%3C%7C%5E%60%3Eb'],
  ['/漢字', '/%E6%BC%A2%E5%AD%97'],
  ['/😀', '/%F0%9F%98%80'],
  ['/a\u202eb', '/a%E2%80%AEb'],
  ['/a%00b', '/a%00b'],
  ['/.a/b./.../c', '/.a/b./.../c'],
  ['/a/b%2e/c', '/a/b./c'],
])('writes %s as .NET does', ([path, absolute]) => {
  const { uri } = parseAddress(`net.tcp://localhost:9000${path}`);
  expect(uri).toBe(`net.tcp://localhost:9000${absolute}`);
  expect(parseAddress(uri).uri).toBe(uri);
});
