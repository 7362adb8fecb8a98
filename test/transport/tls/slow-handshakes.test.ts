// Handshakes that are begun and not ended fill the room that there is for them: others are told so, and get in once
// the preamble's deadline has passed. Whoever is in a session notices nothing.
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { eventually } from '../../helpers/eventually.ts';
import { opening } from './raw-tls.ts';
import { factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const AGREED = 0x0a;
const CAP = 6;

test('at the cap of all handshakes others are told so, and get in when the slow ones are over', async () => {
  const limits = { maxPendingHandshakes: CAP, preambleTimeoutMs: 10_000 };
  const [host, address] = await openHost(TRANSPORT.none, { credentials: pki.server }, { limits });
  const open = factoryFor(TRANSPORT.none, { ca: pki.ca }).createChannel(address);
  expect(await open.Add(1, 2)).toBe(3);
  const dial = async (): Promise<number | undefined> => {
    const socket = connect(parseAddress(address).port, 'localhost');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).write(opening(address));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer[0];
  };
  for (let count = 0; count < CAP; count++) expect(await dial()).toBe(AGREED);
  expect(await dial()).not.toBe(AGREED);
  const late = factoryFor(
    TRANSPORT.none,
    { ca: pki.ca },
    { limits: { openTimeoutMs: 5_000 } },
  ).createChannel(address);
  await expect(late.Add(1, 2)).rejects.toMatchObject({ code: 'ServerTooBusy' });
  expect(await open.Add(3, 4)).toBe(7);
  // Only the session that is open is left.
  await eventually(() => expect(host.connectionCount).toBe(1));
  expect(await factoryFor(TRANSPORT.none, { ca: pki.ca }).createChannel(address).Add(5, 6)).toBe(
    11,
  );
  expect(await open.Add(7, 8)).toBe(15);
});
