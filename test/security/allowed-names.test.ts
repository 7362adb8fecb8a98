// Lists of names that let nobody in, TLS that is none, and secrets where paths belong: refused, and not quoted.
import { describe, expect, test } from 'vitest';
import { serviceSecurity } from '../../shared/command-line/security.ts';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { TRANSPORT } from '../transport/tls/modes.ts';
import { type Mode, MODES, usage } from './modes.ts';

const ALL_MODES = Object.keys(MODES) as Mode[];

describe('allow', () => {
  const needs = {
    none: {},
    tls: { certificate: 'a', key: 'b' },
    certificate: { certificate: 'a', key: 'b', clientCa: 'c' },
    windows: { keytab: 'a' },
    username: { certificate: 'a', key: 'b', users: 'c' },
  };
  const host = (mode: Mode, allow: readonly unknown[], more = {}): ServiceHost =>
    new ServiceHost(new NetTcpBinding({ security: MODES[mode] }), {
      credentials: { ...needs[mode], ...more },
      allow: allow as readonly string[],
    });
  const THUMBPRINT = '7EA5A522744EA62DB4CE536DE81BF14F654B7A94';

  test.for(ALL_MODES)('%s: an empty list is refused', (mode) => {
    expect(() => host(mode, [])).toThrow(usage('The option allow of ServiceHost'));
  });

  test.for<[Mode, unknown, boolean]>([
    ['certificate', `CN=alice; ${THUMBPRINT}`, true],
    ['certificate', `<x509>; ${THUMBPRINT}`, true],
    ['certificate', THUMBPRINT, true],
    ['certificate', THUMBPRINT.toLowerCase(), true],
    ['certificate', 'CN=alice', false],
    ['certificate', `CN=alice; ${THUMBPRINT.toLowerCase()}`, false],
    ['certificate', '', false],
    ['windows', 'alice@EXAMPLE.ORG', true],
    ['windows', 'alice', false],
    ['windows', 'EXAMPLE\\carol', false],
    ['windows', '', false],
    ['username', 'dave', true],
    ['username', ' ', false],
    ['username', 1, false],
  ])('%s: %j names somebody: %s', ([mode, name, isSomebody]) => {
    if (isSomebody) expect(host(mode, [name])).toBeDefined();
    else
      expect(() => host(mode, ['dave@EXAMPLE; ' + THUMBPRINT, name])).toThrow(usage('called so'));
  });

  test('names of accounts are spelled as accounts are', () => {
    for (const name of ['EXAMPLE\\carol', 'carol']) {
      expect(host('windows', [name], { accounts: 'x' })).toBeDefined();
    }
  });

  test.for([
    ['windows', { keytab: 'x' }, 'alice'],
    ['tls', { certificate: 'x', key: 'y', clientCa: 'z' }, 'CN=alice'],
  ] as const)('--security %s, %j, --allow %s is refused', ([security, given, name]) => {
    expect(() => serviceSecurity({ security, ...given, allow: [name] })).toThrow(
      usage('--allow names'),
    );
  });
  test('an --allow without a name is refused', () => {
    expect(() => serviceSecurity({ security: 'windows', keytab: 'x', allow: [] })).toThrow(
      usage('--allow names nobody'),
    );
  });
});

describe('versions and ciphers of TLS', () => {
  test.for<[unknown]>([
    [{ tls: {} }],
    [{ mode: 'None', tls: {} }],
    [{ mode: 'Transport', tls: { minVersion: 'TLSv1.3' } }],
    [{ mode: 'Transport', transport: { clientCredentialType: 'Windows' }, tls: {} }],
  ])('%j: there is no TLS', ([security]) => {
    expect(() => new NetTcpBinding({ security: security as never })).toThrow(usage('security.tls'));
  });
  test('none is left', () => {
    const tls = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' } as const;
    expect(() => new NetTcpBinding({ security: { ...TRANSPORT.none, tls } })).toThrow(
      usage('no version'),
    );
  });
});

describe('what is secret', () => {
  const PEM = '-----BEGIN PRIVATE KEY-----\nMARKER\n-----END PRIVATE KEY-----\n';
  test.for<[string, string]>([
    ['key', PEM],
    ['key', PEM.replaceAll('\n', '\\n')],
    ['certificate', PEM],
    ['users', 'dave:scrypt$16384$8$1$MARKER'],
    ['accounts', 'EXAMPLE\\carol:nt$MARKER'],
  ])('%s, given for its path, is not in the error', ([name, value]) => {
    const make = (): unknown =>
      new ServiceHost(new NetTcpBinding({ security: TRANSPORT.none }), {
        credentials: { [name]: value },
      });
    expect(make).toThrow(usage("a file's path"));
    expect(make).not.toThrow(/MARKER/);
  });
  test('nor is a password that is no text', () => {
    const make = (): unknown =>
      new ChannelFactory(ICalculator, new NetTcpBinding({ security: MODES.username }), {
        credentials: { userName: 'dave', password: 8_675_309 as never },
      });
    expect(make).toThrow(usage('must be a string'));
    expect(make).not.toThrow(/8675309/);
  });
});
