import { expect, test } from 'vitest';
import { limitsOf, type LimitPlace } from '../shared/limit-owners.ts';
import { DEFAULT_LIMITS, type LimitName } from '../shared/limits.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';

const TO_BINDINGS = 'counts in services and clients';
const TO_DAEMON = 'counts in the daemon';

test.for<[place: LimitPlace, name: LimitName, text: string | undefined]>([
  ['binding', 'sendTimeoutMs', undefined],
  ['binding', 'maxConcurrentSessions', undefined],
  ['binding', 'preambleTimeoutMs', undefined],
  ['binding', 'idleExitMs', TO_DAEMON],
  ['binding', 'maxReplicas', TO_DAEMON],
  ['binding', 'maxMetadataBytes', TO_DAEMON],
  ['daemon', 'idleExitMs', undefined],
  ['daemon', 'preambleTimeoutMs', undefined],
  ['daemon', 'openTimeoutMs', undefined],
  ['daemon', 'maxConcurrentSessions', TO_BINDINGS],
  ['daemon', 'sendTimeoutMs', TO_BINDINGS],
  ['environment', 'idleExitMs', undefined],
  // `import` is a client.
  ['environment', 'sendTimeoutMs', undefined],
  ['environment', 'maxMetadataBytes', undefined],
  ['environment', 'maxConcurrentSessions', TO_BINDINGS],
])('%s, %s', ([place, name, text]) => {
  const make = (): unknown => limitsOf(place, { [name]: 7 });
  if (text === undefined) expect(make()).toEqual({ ...DEFAULT_LIMITS, [name]: 7 });
  else
    expect(make).toThrow(
      expect.objectContaining({
        code: 'Usage',
        message: expect.stringContaining(`${name} ${text}`) as string,
      }),
    );
});

test('a binding refuses what counts in the daemon alone', () => {
  expect(() => new NetTcpBinding({ limits: { idleExitMs: 1 } })).toThrow('idleExitMs counts in');
});
