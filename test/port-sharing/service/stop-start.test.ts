// An operator stops the daemon, and starts it again after a while.
import { expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../../helpers/command.ts';
import { statusOf } from '../../helpers/status.ts';
import { sleep } from '../../../shared/time.ts';

// Long enough for a service to have tried again at longer and longer intervals.
const WHILE_MS = 1_500;

test.for([{}, { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }])(
  'its services say that it was stopped, and that it is back, and are reached again (%o)',
  async (env) => {
    const directory = privateDirectory();
    const { service, number, port } = await startService(directory, ['--port', '0'], env);
    await runCommand(PORT_SHARING, ['stop'], { directory });
    await service.said('The port-sharing daemon was stopped.');
    await sleep(WHILE_MS);
    expect(service.stderr).not.toContain('is back');
    await runCommand(PORT_SHARING, ['start'], { directory, env });
    await service.said('The port-sharing daemon is back: new clients reach this service again.');
    const client = await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2']);
    expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
    // It says so only once: told twice, a reader would wonder what else happened.
    expect(service.stderr.match(/is back/g)).toHaveLength(1);
    await eventually(async () => {
      expect((await statusOf(directory)).registrations).toHaveLength(1);
    });
  },
);
