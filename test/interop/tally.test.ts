import { expect, test } from 'vitest';
import type { Peer } from './peers.ts';
import type { Pairing } from './scenarios.ts';
import { Tally } from './tally.ts';

const OURS: Peer = { name: 'ours', version: 'Node 20' };
const MONO: Peer = { name: 'mono', version: 'Mono 6.8' };

test('scenarios are counted for each client with each service', () => {
  const tally = new Tally();
  const pairing: Pairing = { client: MONO, service: 'ours', servicePeer: OURS, streamed: false };
  tally.add('passed', pairing);
  tally.add('failed', { ...pairing, streamed: true });
  tally.add('skipped', pairing, 'no reason');
  tally.add('passed', { ...pairing, client: OURS, service: 'mono', servicePeer: MONO });
  tally.add('passed');
  expect(tally.counts).toEqual({ passed: 3, failed: 1, skipped: 1 });
  const missing = [{ name: 'dotnet', reason: 'no command dotnet' }];
  expect(tally.format('Run today.', [OURS, MONO], missing).split('\n')).toEqual([
    'Run today. Peers: ours: Node 20; mono: Mono 6.8.',
    '',
    '| client | service | modes | passed | failed | skipped | why skipped |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    '| Mono 6.8 | ours, alone | buffered, streamed | 1 | **1** | 1 | no reason |',
    '| ours | Mono 6.8 | buffered | 1 | 0 | 0 |  |',
    '',
    '- dotnet was skipped: no command dotnet',
  ]);
});
