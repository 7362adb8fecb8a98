// Which addresses of a message WCF's EndpointAddressMessageFilter takes for an endpoint's, as .NET 10 compares them.
import { expect, test } from 'vitest';
import { ToFilter } from '../../../../shared/encoding/soap/to-address.ts';

test.for<[to: string, own: string, isSame: boolean]>([
  ['/Calc', '/calc', true],
  ['/calc/', '/calc', true],
  ['/calc//', '/calc', false],
  ['//calc', '/calc', false],
  ['/a//b', '/a/b', false],
  ['/a//b', '/a//b', true],
  ['/café', '/caf%C3%A9', true],
  ['/CAFÉ', '/café', true],
  ['/caf%c3%a9', '/caf%C3%A9', true],
  ['/cafe%CC%81', '/café', false],
  ['/a b', '/a%20b', true],
  ['/a%2Db', '/a-b', true],
  ['/a%2Fb', '/a/b', true],
  ['/a%25b', '/a%2525b', false],
  ['/a%', '/a%25', true],
  ['/a%C3', '/a', false],
  ['/a+b', '/a%2Bb', true],
  ['/a;:@b', '/a%3B%3A%40b', true],
  ['/a[b]', '/a%5Bb%5D', true],
  ['/a\\b', '/a/b', true],
  ['/a?b', '/a', true],
  ['/a#b', '/a', true],
  ['/ß', '/SS', false],
  ['/İ', '/i', false],
  ['/a b/', '/a%20b', true],
])('%s is %s: %s', ([to, own, isSame]) => {
  const filter = new ToFilter(`net.tcp://localhost:9000${own}`);
  expect(filter.accepts(`net.tcp://elsewhere:9000${to}`)).toBe(isSame);
});

test.for([undefined, '', 'net.tcp://localhost/calc', 'http://localhost:9000/calc', 'urn:calc'])(
  'not %s',
  (to) => {
    expect(new ToFilter('net.tcp://localhost:9000/calc').accepts(to)).toBe(false);
  },
);
