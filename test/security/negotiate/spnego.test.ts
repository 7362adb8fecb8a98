import { expect, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import type {
  Mechanism,
  MechanismStep,
  SecurityContext,
} from '../../../shared/security/negotiate/mechanism.ts';
import {
  isRawKerberos,
  isRawNtlm,
  spnegoAcceptor,
} from '../../../shared/security/negotiate/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../shared/security/negotiate/spnego-initiator.ts';
import {
  Oid,
  readInitialToken,
  readNegTokenInit,
  readNegTokenResp,
  writeMechanismList,
  writeNegTokenInit,
  writeNegTokenResp,
} from '../../../shared/security/negotiate/spnego-tokens.ts';
import { concat, isSameSecret, utf8 } from '../../../shared/security/bytes.ts';
import { hex, octets } from '../../helpers/octets.ts';

/** Signs with its own name, so that tests see who signed what. */
function context(log: string[], ours: string, theirs: string): SecurityContext {
  const signature = (who: string, data: Uint8Array): Uint8Array => concat(utf8(`${who}:`), data);
  return {
    wrap: (data) => data,
    unwrap: (token) => token,
    sign: (data) => (log.push('sign'), signature(ours, data)),
    verify: (data, mic) => {
      log.push('verify');
      if (!isSameSecret(mic, signature(theirs, data)))
        throw new NetTcpError('Protocol', 'wrong MIC');
    },
    startData: () => void log.push('start'),
  };
}

/** A mechanism of so many tokens in all, which takes whatever comes. */
function mechanism(tokens: number, log: string[], ours: string, theirs: string): Mechanism {
  const at = (turn: number): Mechanism => ({
    step(token) {
      log.push(`${ours} takes ${token === undefined ? 'nothing' : hex(token)}`);
      const answer = turn < tokens ? Uint8Array.of(turn + 1) : undefined;
      if (turn + 1 >= tokens)
        return {
          is: 'complete',
          token: answer,
          context: context(log, ours, theirs),
          peer: undefined,
        };
      return { is: 'in-progress', token: answer ?? new Uint8Array(0), next: at(turn + 2) };
    },
  });
  return at(theirs === 'C' ? 1 : 0);
}

function service(log: string[], tokens: number, ...names: string[]): Mechanism {
  return spnegoAcceptor([
    { names, isRaw: isRawNtlm, start: () => mechanism(tokens, log, 'S', 'C') },
  ]);
}

function inProgress(step: MechanismStep): { token: Uint8Array; next: Mechanism } {
  if (step.is !== 'in-progress') throw new Error('it is over');
  return step;
}

test.for([
  [2, Oid.Kerberos],
  [3, Oid.Ntlm],
  [4, Oid.Ntlm],
  [5, Oid.Ntlm],
] as const)('both sides agree on a mechanism of %d tokens', ([tokens, name]) => {
  const log: string[] = [];
  let sides: [Mechanism, Mechanism] = [
    spnegoInitiator(name, mechanism(tokens, log, 'C', 'S')),
    service(log, tokens, name),
  ];
  const ends: MechanismStep[] = [];
  let token: Uint8Array | undefined;
  for (let turn = 0; ends.length < 2 && turn < 10; turn++) {
    const step = sides[0].step(token, 0);
    token = step.token;
    if (step.is === 'complete') ends.push(step);
    sides = [sides[1], step.is === 'in-progress' ? step.next : sides[0]];
  }
  expect(ends).toHaveLength(2);
  // Three tokens end with the client, who then signs; so do five.
  expect(log.filter((line) => line === 'verify')).toHaveLength(tokens % 2 === 1 ? 2 : 0);
});

test('a list whose first mechanism is not offered is signed by both before anything is said', () => {
  for (const isEager of [true, false]) {
    const log: string[] = [];
    const list = writeMechanismList([Oid.Kerberos, Oid.Ntlm]);
    const first = inProgress(
      service(log, 3, Oid.Ntlm).step(writeNegTokenInit([Oid.Kerberos, Oid.Ntlm], octets('aa')), 0),
    );
    expect(readNegTokenResp(first.token)).toMatchObject({
      state: 'request-mic',
      mechanism: Oid.Ntlm,
    });
    const second = inProgress(
      first.next.step(writeNegTokenResp({ state: undefined, token: octets('01') }), 0),
    );
    const mic = concat(utf8('C:'), list);
    if (isEager) {
      const done = second.next.step(
        writeNegTokenResp({ state: undefined, token: octets('03'), mic }),
        0,
      );
      expect(done.is).toBe('complete');
      const last = readNegTokenResp(done.token ?? octets(''));
      expect(last.state).toBe('accept-completed');
      expect(last.mic).toEqual(concat(utf8('S:'), list));
    } else {
      const third = inProgress(
        second.next.step(writeNegTokenResp({ state: undefined, token: octets('03') }), 0),
      );
      expect(readNegTokenResp(third.token)).toMatchObject({ state: 'accept-incomplete' });
      expect(() => third.next.step(writeNegTokenResp({ state: undefined }), 0)).toThrow(
        'does not sign',
      );
      expect(third.next.step(writeNegTokenResp({ state: undefined, mic }), 0).is).toBe('complete');
    }
    expect(log.at(-1)).toBe('start');
  }
});

test('a list that was changed on its way is found', () => {
  const log: string[] = [];
  const changed = writeNegTokenInit([Oid.Spnego, Oid.Ntlm], octets('aa'));
  const first = inProgress(service(log, 3, Oid.Ntlm).step(changed, 0));
  const second = inProgress(
    first.next.step(writeNegTokenResp({ state: undefined, token: octets('01') }), 0),
  );
  const mic = concat(utf8('C:'), writeMechanismList([Oid.Kerberos, Oid.Ntlm]));
  const last = writeNegTokenResp({ state: undefined, token: octets('03'), mic });
  expect(() => second.next.step(last, 0)).toThrow('wrong MIC');
});

test('the number that Windows 2000 gave Kerberos is answered with itself', () => {
  const kerberos = [Oid.Kerberos, Oid.MsKerberos];
  const token = writeNegTokenInit([Oid.MsKerberos, Oid.Kerberos, Oid.Ntlm], octets('aa'));
  const step = service([], 2, ...kerberos).step(token, 0);
  expect(step.is).toBe('complete');
  expect(readNegTokenResp(step.token ?? octets('')).mechanism).toBe(Oid.MsKerberos);
});

test('NTLM without SPNEGO is answered in kind', () => {
  const log: string[] = [];
  const raw = concat(utf8('NTLMSSP\0'), octets('01000000'));
  const { token } = inProgress(service(log, 3, Oid.Ntlm).step(raw, 0));
  expect(hex(token)).toBe('02');
  expect(isRawKerberos(raw)).toBe(false);
});

test.for([
  ['nothing', '', 'Protocol'],
  [
    'a mechanism that is not offered',
    hex(writeNegTokenInit([Oid.Kerberos], octets('aa'))),
    'SecurityNegotiation',
  ],
  ['an empty list', hex(writeNegTokenInit([], octets('aa'))), 'SecurityNegotiation'],
  [
    'too many',
    hex(
      writeNegTokenInit(
        Array.from({ length: 33 }, () => Oid.Ntlm),
        octets('aa'),
      ),
    ),
    'QuotaExceeded',
  ],
  ['a later token', hex(writeNegTokenResp({ state: 'accept-incomplete' })), 'Protocol'],
] as const)('acceptor: %s is refused', ([, token, code]) => {
  expect(() => service([], 3, Oid.Ntlm).step(octets(token), 0)).toThrow(
    expect.objectContaining({ code }),
  );
});

test.for([
  ['a refusal', { state: 'reject' }, 'The service rejected the credential'],
  [
    'another mechanism',
    { state: 'accept-incomplete', mechanism: Oid.Kerberos, token: octets('02') },
    'was not offered',
  ],
  ['no token', { state: 'accept-incomplete' }, 'no token of the mechanism'],
] as const)('initiator: %s is refused', ([, answer, why]) => {
  const { next } = inProgress(
    spnegoInitiator(Oid.Ntlm, mechanism(3, [], 'C', 'S')).step(undefined, 0),
  );
  expect(() => next.step(writeNegTokenResp(answer), 0)).toThrow(why);
});

test.for([
  ['without its signature', { state: 'accept-completed' }, 'does not sign'],
  ['that goes on', { state: 'accept-incomplete' }, 'does not end'],
  ['with a wrong signature', { state: 'accept-completed', mic: octets('aa') }, 'wrong MIC'],
] as const)('initiator: a last token %s is refused', ([, answer, why]) => {
  const { next } = inProgress(
    spnegoInitiator(Oid.Ntlm, mechanism(3, [], 'C', 'S')).step(undefined, 0),
  );
  const signed = inProgress(
    next.step(writeNegTokenResp({ state: 'accept-incomplete', token: octets('02') }), 0),
  );
  expect(() => signed.next.step(writeNegTokenResp(answer), 0)).toThrow(why);
});

test('tokens are read as .NET and MIT write them', () => {
  const init = octets(
    '604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d5353500001000000378218e200000000000000000000000000000000060200000000000f',
  );
  const { mechanism: name, inner } = readInitialToken(init);
  expect(name).toBe(Oid.Spnego);
  expect(readNegTokenInit(inner).mechanisms).toEqual([Oid.Ntlm]);
  expect(hex(writeNegTokenInit([Oid.Ntlm], init.subarray(-40)))).toBe(hex(init));
  const last = octets('a11b3019a0030a0100a312041001000000c76cd65cca36110200000000');
  expect(readNegTokenResp(last)).toMatchObject({ state: 'accept-completed' });
  expect(hex(writeNegTokenResp(readNegTokenResp(last)))).toBe(hex(last));
});
