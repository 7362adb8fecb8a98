// Against what .NET 10 and gss-ntlmssp, MIT's library and CoreWCF said to one another.
import { expect, test } from 'vitest';
import { proofKey } from '../../shared/security/message-credentials/proof-key.ts';
import { checkTimestampSignature } from '../../shared/security/message-credentials/timestamp-signature.ts';
import { readApRequest } from '../../shared/security/negotiate/kerberos/messages.ts';
import { NtlmContext } from '../../shared/security/negotiate/ntlm/context.ts';
import { hmacMd5, ntHash, responseKey } from '../../shared/security/negotiate/ntlm/hashes.ts';
import {
  readAuthenticate,
  readChallenge,
  withMic,
} from '../../shared/security/negotiate/ntlm/messages.ts';
import { Rc4 } from '../../shared/security/negotiate/ntlm/rc4.ts';
import {
  Oid,
  readInitialToken,
  readNegTokenInit,
  readNegTokenResp,
} from '../../shared/security/negotiate/spnego-tokens.ts';
import { hex, octets } from '../helpers/octets.ts';

const NTLM_INIT = octets(`
  604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d5353500001000000378218e2000000000000
  00000000000000000000060200000000000f`);
const NTLM_CHALLENGE = octets(`
  a18199308196a0030a0101a10c060a2b06010401823702020aa28180047e4e544c4d5353500002000000040004003800000035828ae2a517
  076159ad64530000000000000000420042003c000000060200000000000f56004d000100040056004d000200160057004f0052004b005300
  54004100540049004f004e000300040076006d00060004000000000007000800fafe81f3da7cdd0100000000`);
const NTLM_AUTHENTICATE = octets(`
  a182013b30820137a0030a0101a282011a048201164e544c4d5353500003000000000000005800000092009200580000000e000e00ea0000
  000a000a00f80000000400040002010000100010000601000035828ae2060200000000000f443b63eabd5ddc4a233c4db798d8a8e0a11db0
  43e925089a6d1acc20d4f8551d0101000000000000fafe81f3da7cdd012520a3c883501b26000000000100040056004d000200160057004f
  0052004b00530054004100540049004f004e000300040076006d00060004000200000007000800fafe81f3da7cdd0109001c0068006f0073
  0074002f006c006f00630061006c0068006f00730074000000000000000000540045005300540044004f004d006300610072006f006c0056
  004d00e562664b3324ffd2daa855b526440a48a312041001000000e51b0c8e99b04c6000000000`);
const NTLM_COMPLETED = octets('a11b3019a0030a0100a312041001000000c76cd65cca36110200000000');
const KERBEROS_INIT = octets(`
  608202f206062b0601050502a08202e6308202e2a00d300b06092a864886f712010202a28202cf048202cb608202c706092a864886f71201
  020201006e8202b6308202b2a003020105a10302010ea20703050020000000a38201cb618201c7308201c3a003020105a10c1b0a54455354
  2e4c4f43414ca21c301aa003020103a11330111b04686f73741b096c6f63616c686f7374a382018e3082018aa003020112a103020102a282
  017c04820178fb9b9a6262ccc319048e47f45b8201a0e4f2df7f76d98c1e09e9f2477cac2fc32512eccd33637c89b00bcf4b6b109d3ddf4a
  630668299dcd6a56e923caf965cd61387ddd84866b8ada5d1be2f7c967e09871dd787264319be96d9068a2256b64c9e3059dadc11cb18c3a
  77fdddfd00b07a34fd2d34e66007bd9b1ad1deb853f4f6e5804f5545d0cbb2f14b7917dd5df2a9cd5e177d58da3db895acb0e755a6c63552
  6fadcc73a08cd5b7d929655ec3b6ad0669acbe360a85f31b26e12391b778d58c5a5825408baab2bcb5aea298ae66aeb2ce117d49052c66e1
  8d9f31440c4f04ce8385c3329a096fc36012c8825805d8c8b44e708a082cef89ddb563d526b7344cd8f2962fd301bf1f6962530dbf3deac2
  622ebea3132fd7150da0116b3edf0948deff39deac4b22acd73faacbb0b08089875432ef3291caa951a7412106f772e8c1c7afc99696deff
  73cb4caa03184bbca73aa0fd59c8e2d3c47e949d679a68c69f324e70e03e8a10a677cdfdf301deb934923385d1fba481cd3081caa0030201
  12a281c20481bffff41404b48a08493bc5b12afd7119969505fd764ec11176015853ba2ea727ba53dd18894d2917e58250ad44c3ff647f73
  e598c1f400129801bf933ce024ce41fbdd88299e534a030b9594f433708cc9a64c460d4fa06a06303c64c87bc89752e6993f9a7eb641d7d1
  6a7221e6efcbe47f60529ef1d9425db12aeaf901002815b49c47e01ca566c44d79156f3483915c3188a4885e470b75443100763739581f66
  872ddb4763b7a7c088680de3359179eb981be7226d2e36aa8b5573a7bcd4`);

const NONE = new Uint8Array(0);

test('NTLM: .NET answers, signs and seals as we would', () => {
  const init = readNegTokenInit(readInitialToken(NTLM_INIT).inner);
  const challenge = readNegTokenResp(NTLM_CHALLENGE).token ?? NONE;
  const { token: authenticate = NONE, mic = NONE } = readNegTokenResp(NTLM_AUTHENTICATE);
  const message = readAuthenticate(authenticate);
  expect(message).toMatchObject({ user: 'carol', domain: 'TESTDOM' });
  const key = responseKey(ntHash('secret-carol'), message.user, message.domain);
  const [proof, proved] = [message.response.subarray(0, 16), message.response.subarray(16)];
  expect(hex(hmacMd5(key, readChallenge(challenge).challenge, proved))).toBe(hex(proof));
  const exported = new Rc4(hmacMd5(key, proof)).transform(message.sessionKey);
  const whole = [init.token ?? NONE, challenge, withMic(authenticate, new Uint8Array(16))];
  expect(hex(hmacMd5(exported, ...whole))).toBe(hex(message.mic));
  const ours = new NtlmContext(exported, 'acceptor', true);
  ours.verify(init.mechanismList, mic);
  expect(hex(ours.sign(init.mechanismList))).toBe(
    hex(readNegTokenResp(NTLM_COMPLETED).mic ?? NONE),
  );
  ours.startData();
  // PreambleEnd and PreambleAck.
  expect(hex(ours.unwrap(octets('0100000052face2093ce901d01000000a2')))).toBe('0c');
  expect(hex(ours.wrap(octets('0b')))).toBe('01000000c594b1fc0bfe4831010000001d');
});

test("Kerberos: what .NET's first token says", () => {
  const init = readNegTokenInit(readInitialToken(KERBEROS_INIT).inner);
  expect(init.mechanisms).toEqual([Oid.Kerberos]);
  const { mechanism, inner } = readInitialToken(init.token ?? NONE);
  expect(mechanism).toBe(Oid.Kerberos);
  expect(readApRequest(inner.subarray(2))).toMatchObject({
    wantsMutual: true,
    wantsSessionKey: false,
    ticket: {
      realm: 'TEST.LOCAL',
      service: 'host/localhost',
      sealed: { encryption: 18, version: 2 },
    },
    authenticator: { encryption: 18, version: undefined },
  });
});

// A session that .NET asked CoreWCF for, and two messages signed in it.
test.for([
  [
    '2026-11-25T13:10:59.159Z',
    '2026-11-25T13:15:59.159Z',
    'PmjSXQCj2GUuBBrmHLFb6FJerbA=',
    'UYcE9U5nsCotOa/saqIKRZcHqhg=',
  ],
  [
    '2026-11-25T13:10:59.550Z',
    '2026-11-25T13:15:59.550Z',
    'VEb9i3j4YlO3HfoJuDysoVjfCKk=',
    '4BDKgplQOKwY2wMUg74NICPCSOo=',
  ],
] as const)(
  'secure conversation: what was signed at %s',
  ([created, expires, digestValue, signatureValue]) => {
    const client = Buffer.from('BLDdS453KT+e8P5/dAJ7SjrPv//blb7bycohmWqI3aY=', 'base64');
    const service = Buffer.from('PJWeFwU+nYn810jS+tziR4kdG0VmQgaXgVH+fI72HFA=', 'base64');
    const key = proofKey(client, service);
    checkTimestampSignature({ created, expires }, '_0', key, { digestValue, signatureValue });
  },
);
