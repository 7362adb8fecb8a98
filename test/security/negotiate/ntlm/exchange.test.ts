import { expect, test } from 'vitest';
import { utf8 } from '../../../../shared/security/bytes.ts';
import type {
  Mechanism,
  MechanismStep,
  Protection,
} from '../../../../shared/security/negotiate/mechanism.ts';
import { offerNtlm } from '../../../../shared/security/negotiate/ntlm/acceptor.ts';
import { ntHash } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import { ntlmInitiator } from '../../../../shared/security/negotiate/ntlm/initiator.ts';
import { Flag } from '../../../../shared/security/negotiate/ntlm/messages.ts';
import type { SourceAttempts } from '../../../../shared/security/password-attempts.ts';
import { expectHarmless, HOSTILE } from '../../../helpers/hostile-text.ts';
import { hex, octets } from '../../../helpers/octets.ts';

const NOW = Date.UTC(2026, 10, 25);
const CAROL = { name: 'TESTDOM\\carol', hash: ntHash('secret') };
const ANY: SourceAttempts = { mayTry: () => true, failed: () => {}, succeeded: () => {} };

interface Setting {
  readonly user?: string;
  readonly domain?: string;
  readonly password?: string;
  readonly attempts?: SourceAttempts;
  readonly protection?: Protection;
  /** Changes a message on its way, by number. */
  readonly tamper?: (token: Uint8Array, turn: number) => Uint8Array;
}

type Complete = Extract<MechanismStep, { is: 'complete' }>;

/** The three messages from one side to the other. */
function exchange(setting: Setting = {}): { client: Complete; service: Complete } {
  const { user = 'carol', domain = 'TESTDOM', password = 'secret' } = setting;
  const { attempts = ANY, protection = 'seal', tamper = (token) => token } = setting;
  const find = (name: string, where: string): typeof CAROL | undefined =>
    `${where}\\${name}`.toUpperCase() === CAROL.name.toUpperCase() ? CAROL : undefined;
  const options = { find, domain: 'TESTDOM', machine: 'NODE', attempts, protection };
  const hash = ntHash(password);
  const who = { user, domain, hash, target: 'host/x', workstation: 'NODE' };
  const first = ntlmInitiator(who).step(undefined, NOW);
  const challenge = offerNtlm(options)
    .start()
    .step(tamper(first.token ?? octets(''), 1), NOW);
  const client = next(first).step(tamper(challenge.token ?? octets(''), 2), NOW);
  const service = next(challenge).step(tamper(client.token ?? octets(''), 3), NOW);
  if (client.is !== 'complete' || service.is !== 'complete') throw new Error('it goes on');
  return { client, service };
}

function next(step: MechanismStep): Mechanism {
  if (step.is !== 'in-progress') throw new Error('it is over');
  return step.next;
}

test('carol is let in, and what is sealed goes both ways', () => {
  const { client, service } = exchange({ user: 'CAROL', domain: 'testdom' });
  expect(service.peer).toEqual({ kind: 'ntlm', name: 'TESTDOM\\carol' });
  for (let turn = 0; turn < 2; turn++) {
    for (const text of ['', 'a', 'more than one byte']) {
      expect(hex(service.context.unwrap(client.context.wrap(utf8(text))))).toBe(hex(utf8(text)));
      expect(hex(client.context.unwrap(service.context.wrap(utf8(text))))).toBe(hex(utf8(text)));
      client.context.verify(utf8(text), service.context.sign(utf8(text)));
    }
    // The key streams begin anew, the numbers go on.
    for (const { context } of [client, service]) context.startData();
  }
});

test.for<[string, Setting, string]>([
  ['a wrong password', { password: 'guess' }, 'refused: TESTDOM\\carol'],
  ['nobody of that name', { user: 'mallory' }, 'no account of the domain "TESTDOM"'],
  ['another domain', { domain: 'OTHER' }, 'no account of the domain "OTHER"'],
  ['anonymous', { user: '' }, 'refused: anonymous'],
  ['who must wait', { attempts: { ...ANY, mayTry: () => false } }, 'refused: TESTDOM\\carol'],
])('%s is refused as a credential', ([, setting, why]) => {
  expect(() => exchange(setting)).toThrow(why);
  expect(() => exchange(setting)).toThrow(expect.objectContaining({ code: 'SecurityNegotiation' }));
});

test('attempts are told of right and wrong passwords, by the name of the account', () => {
  const told: string[] = [];
  const attempts: SourceAttempts = {
    mayTry: (name) => told.push(`may ${name}`) > 0,
    failed: (name) => void told.push(`failed ${name}`),
    succeeded: (name) => void told.push(`succeeded ${name}`),
  };
  exchange({ attempts, user: 'Carol' });
  expect(() => exchange({ attempts, password: 'guess' })).toThrow('refused');
  expect(told).toEqual([
    'may TESTDOM\\carol',
    'succeeded TESTDOM\\carol',
    'may TESTDOM\\carol',
    'failed TESTDOM\\carol',
  ]);
});

test('what is remembered of a name without end is short', () => {
  const told: string[] = [];
  const attempts = { ...ANY, failed: (name: string) => void told.push(name) };
  expect(() => exchange({ attempts, user: 'x'.repeat(20_000) })).toThrow('refused');
  expect(told.map((name) => name.length)).toEqual([1_024]);
});

/** Clears a flag in a message's NegotiateFlags. */
function without(flag: number, at: number): (token: Uint8Array) => Uint8Array {
  return (token) => {
    const changed = token.slice();
    const view = new DataView(changed.buffer);
    view.setUint32(at, view.getUint32(at, true) & ~flag, true);
    return changed;
  };
}

test.for([
  ['signing', Flag.Sign],
  ['sealing', Flag.Seal],
  ['128 bits', Flag.Key128],
  ['key exchange', Flag.KeyExchange],
  ['extended session security', Flag.ExtendedSessionSecurity],
] as const)('a client without %s is refused, and a service', ([, flag]) => {
  const clientsWord = without(flag, 12);
  expect(() =>
    exchange({ tamper: (token, turn) => (turn === 1 ? clientsWord(token) : token) }),
  ).toThrow('The client offers a weaker NTLM');
  const servicesWord = without(flag, 20);
  expect(() =>
    exchange({ tamper: (token, turn) => (turn === 2 ? servicesWord(token) : token) }),
  ).toThrow('The service offers a weaker NTLM');
});

test('a changed byte in any of the three messages is found', () => {
  for (const message of [1, 2, 3]) {
    for (let at = 0; ; at++) {
      let isOver = false;
      const tamper = (token: Uint8Array, turn: number): Uint8Array => {
        if (turn !== message) return token;
        isOver = at >= token.length;
        const changed = token.slice();
        changed[at] = (changed[at] ?? 0) ^ 0x01;
        return changed;
      };
      let error: unknown;
      try {
        exchange({ tamper });
      } catch (caught) {
        error = caught;
      }
      if (isOver) break;
      expect(error, `message ${message}, byte ${at}`).toMatchObject({ name: 'NetTcpError' });
    }
  }
});

test.for<[string, (tokens: readonly [Uint8Array, Uint8Array]) => readonly Uint8Array[]]>([
  ['repeated', ([one]) => [one, one]],
  ['left out', ([, two]) => [two]],
  ['in another order', ([one, two]) => [two, one]],
  ['changed', ([one]) => [one.map((byte, at) => (at === 16 ? byte ^ 1 : byte))]],
  ['cut short', ([one]) => [one.subarray(0, 15)]],
])('a token that is %s is refused', ([, order]) => {
  const { client, service } = exchange();
  const tokens = order([client.context.wrap(utf8('one')), client.context.wrap(utf8('two'))]);
  expect(() => tokens.forEach((token) => service.context.unwrap(token))).toThrow(
    'changed, repeated or left out',
  );
});

test('a name that is refused is told on one line that no terminal obeys, and not for ever', () => {
  for (const names of [{ user: HOSTILE }, { domain: HOSTILE }, { user: 'x'.repeat(10_000) }]) {
    const told = messageOf(() => exchange(names));
    expect(told).toContain("The client's NTLM credential is refused: ");
    expect(told.length).toBeLessThan(1_000);
    expectHarmless(told);
    expect(told).not.toContain('\n');
  }
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it is not refused';
}
