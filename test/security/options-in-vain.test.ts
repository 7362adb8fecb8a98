// What is said about security has an effect, or is refused: each mode with each option, of a host, a factory and both
// commands. Who gives an option means to be safer by it.
import { describe, expect, test } from 'vitest';
import { clientSecurity, serviceSecurity } from '../../shared/command-line/security.ts';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { type Mode, MODES, usage } from './modes.ts';

type Values = Readonly<Record<string, unknown>>;
type Row = readonly [needs: readonly string[], takes: readonly string[]];

const without = (values: Values, left: string): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name !== left));
const only = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

/**
 * Each mode with what it needs, with one option more, and without one that it needs.
 *
 * @param make throws if the options do not go with the mode
 */
function everyOption<M extends string>(
  values: Values,
  rows: Readonly<Record<M, Row>>,
  make: (mode: M, given: Values) => unknown,
): void {
  const modes = Object.keys(rows) as M[];
  const cases = modes.flatMap((mode) =>
    Object.keys(values).map((option) => [mode, option] as const),
  );
  test.for(cases)('%s, with %s', ([mode, option]) => {
    const [needs, takes] = rows[mode];
    const given = { ...only(values, needs), [option]: values[option] };
    if ([...needs, ...takes].includes(option)) expect(make(mode, given)).toBeDefined();
    else expect(() => make(mode, given)).toThrow(usage(option));
  });
  const needed = modes.flatMap((mode) => rows[mode][0].map((option) => [mode, option] as const));
  test.for(needed)('%s, without %s', ([mode, option]) => {
    const given = without(only(values, rows[mode][0]), option);
    expect(() => make(mode, given)).toThrow(usage(option));
  });
}

describe('credentials of a host', () => {
  const values = {
    certificate: 'a',
    key: 'b',
    clientCa: 'c',
    clientCrl: 'd',
    keytab: 'e',
    accounts: 'f',
    users: 'g',
    validateUserName: () => true,
  };
  const rows: Record<Mode, Row> = {
    none: [[], []],
    tls: [['certificate', 'key'], []],
    certificate: [['certificate', 'key', 'clientCa'], ['clientCrl']],
    windows: [['keytab'], ['accounts']],
    // In place of users, and refused beside them.
    username: [['certificate', 'key', 'users'], []],
  };
  everyOption(values, rows, (mode, credentials) => {
    const security = MODES[mode];
    return new ServiceHost(new NetTcpBinding({ security }), { credentials });
  });
});

describe('credentials of a factory', () => {
  const values = {
    ca: 'a',
    crl: 'b',
    dnsIdentity: 'c',
    thumbprints: ['00'.repeat(20)],
    validateCertificate: () => true,
    certificate: 'd',
    key: 'e',
    userName: 'f',
    password: 'g',
    servicePrincipalName: 'h',
  };
  const ofTls = ['ca', 'crl', 'dnsIdentity', 'thumbprints', 'validateCertificate'];
  const rows: Record<Mode, Row> = {
    none: [[], []],
    tls: [[], ofTls],
    certificate: [['certificate', 'key'], ofTls],
    windows: [['userName', 'password'], ['servicePrincipalName']],
    username: [['userName', 'password'], ofTls],
  };
  const make = (mode: Mode, credentials: Values): unknown =>
    new ChannelFactory(ICalculator, new NetTcpBinding({ security: MODES[mode] }), { credentials });
  everyOption(values, rows, make);

  test.for(
    ['ca', 'crl', 'dnsIdentity'].flatMap((name) =>
      ['thumbprints', 'validateCertificate'].map((decides) => [name, decides] as const),
    ),
  )('%s has no effect beside %s', ([name, decides]) => {
    expect(() => make('tls', only(values, [name, decides]))).toThrow(usage(`credentials.${name}`));
  });

  test.for([
    ['thumbprints', []],
    ['thumbprints', ['']],
    ['thumbprints', ['00'.repeat(19)]],
    ['thumbprints', ['00'.repeat(20), 'SHA1 00']],
    // With an empty name Node compares "localhost".
    ['dnsIdentity', ''],
    ['dnsIdentity', ' '],
  ])('%s of %j is none', ([name, value]) => {
    expect(() => make('tls', { [String(name)]: value })).toThrow(usage(String(name)));
  });
  test.for(['userName', 'servicePrincipalName'])('%s that is empty is none', (name) => {
    expect(() => make('windows', { userName: 'a', password: 'b', [name]: '' })).toThrow(
      usage(name),
    );
  });
});

describe('options of the service', () => {
  const values = {
    certificate: 'a',
    key: 'b',
    'client-ca': 'c',
    users: 'd',
    keytab: 'e',
    accounts: 'f',
  };
  everyOption(
    values,
    {
      none: [[], []],
      tls: [['certificate', 'key'], ['client-ca']],
      windows: [['keytab'], ['accounts']],
      username: [['certificate', 'key', 'users'], []],
    },
    (security, given) =>
      serviceSecurity({ security, ...given, clientCa: given['client-ca'] } as never),
  );
});

describe('options of the client', () => {
  const values = {
    ca: 'a',
    certificate: 'b',
    key: 'c',
    user: 'd',
    'password-file': 'e',
    spn: 'f',
  };
  everyOption(
    values,
    {
      none: [[], []],
      tls: [['certificate', 'key'], ['ca']],
      // A password needs its user.
      windows: [[], ['user', 'spn']],
      username: [['user'], ['ca', 'password-file']],
    },
    (security, given) =>
      clientSecurity({ security, ...given, passwordFile: given['password-file'] } as never),
  );
});
