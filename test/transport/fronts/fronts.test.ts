import { expect, test } from 'vitest';
import { Fronts } from '../../../shared/transport/fronts/fronts.ts';
import { Origin } from '../../../shared/transport/fronts/origin.ts';

test.for<[text: string, inside: string[], outside: (string | undefined)[]]>([
  ['', [], ['127.0.0.1', '::1', undefined]],
  ['10.0.0.2', ['10.0.0.2', '::ffff:10.0.0.2'], ['10.0.0.3', '::1', undefined]],
  ['10.0.0.0/30', ['10.0.0.0', '10.0.0.3'], ['10.0.0.4', '9.255.255.255']],
  [' 10.0.0.2/32 ,2001:db8::/64,', ['10.0.0.2', '2001:db8::7'], ['2001:db8:0:1::', '10.0.0.1']],
  ['fe80::/10', ['fe80::1%eth0'], ['fec0::1']],
  ['0.0.0.0/0', ['10.0.0.2'], ['::1', '']],
])('%j trusts its own, and nobody else', ([text, inside, outside]) => {
  const fronts = Fronts.parse(text);
  const has = (remoteAddress: string | undefined): boolean => fronts.has({ remoteAddress });
  expect(inside.filter(has)).toEqual(inside);
  expect(outside.filter(has)).toEqual([]);
});

test.for([
  ['10.0.0', 'it must look like 10.0.0.2/32 or 2001:db8::/64'],
  ['front.example', 'it must look like'],
  ['10.0.0.2/8/8', 'it must look like'],
  ['fe80::1%eth0', 'it must look like'],
  ['10.0.0.2:9000', 'it must look like'],
  ['10.0.0.2/', 'after the slash comes a number from 0 to 32'],
  ['10.0.0.2/33', 'after the slash comes a number from 0 to 32'],
  ['10.0.0.2/-1', 'after the slash'],
  ['::1/129', 'after the slash comes a number from 0 to 128'],
])('%j is refused: %s', ([text = '', why = '']) => {
  expect(() => Fronts.parse(`127.0.0.1,${text}`)).toThrow(
    expect.objectContaining({ code: 'Usage', message: expect.stringContaining(why) as string }),
  );
});

test('nobody asks a socket for its peer where nobody is trusted', () => {
  const socket = {
    get remoteAddress(): string {
      throw new Error('was asked');
    },
  };
  expect(Fronts.none.has(socket)).toBe(false);
});

test('what came through a front is good for the via of its first session only', () => {
  const fronted = new Origin('192.0.2.7', true);
  expect(['/a', '/a', '/b', '/a'].map((via) => fronted.admits(via))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  const relayed = new Origin('192.0.2.7', false);
  expect(['/a', '/b'].map((via) => relayed.admits(via))).toEqual([true, true]);
});
