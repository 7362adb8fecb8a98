// Connections whose time comes together.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { ICalculator, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { eventually } from '../../helpers/eventually.ts';

const COUNT = 100;
/** The most that may be given up in one turn: a twelfth of them. */
const A_TURN = 8;

test('a hundred whose time comes together are given up over many turns, and none too early', async () => {
  let turn = 0;
  const perTurn = new Map<number, number>();
  const binding = new NetTcpBinding({ limits: { preambleTimeoutMs: 1_000 } });
  const host = new ServiceHost(binding, {
    onConnectionError: ({ message }) => {
      expect(message).toContain('no complete preamble within 1 s');
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
    },
  });
  const f = (n1: number, n2: number): number => n1 + n2;
  const calculator = { Add: f, Subtract: f, Multiply: f, Divide: f };
  host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
  await host.open();
  onTestFinished(() => host.abort());
  let counting: NodeJS.Immediate;
  const count = (): void => {
    turn += 1;
    counting = setImmediate(count);
  };
  count();
  onTestFinished(() => clearImmediate(counting));
  const { port } = parseAddress(host.addresses[0] ?? '');
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: COUNT }, async () => {
      const socket = connect(port, 'localhost').on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
      socket.write(Buffer.from([0, 1, 0])); // a version, and nothing after it
    }),
  );
  await eventually(() => expect(perTurn.size).toBeGreaterThan(0));
  expect(performance.now() - begun).toBeGreaterThan(950);
  await eventually(() => expect(host.connectionCount).toBe(0));
  const counts = [...perTurn.values()];
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(COUNT);
  expect(Math.max(...counts)).toBeLessThanOrEqual(A_TURN);
});
