// Stands for the daemons of many machines: acknowledges each preamble, at every address of loopback.
import { createServer } from 'node:net';
import { RecordType } from '../../../shared/framing/records.ts';
import { serve } from '../../serve.ts';

serve({
  listen: ({ port }: { readonly port: number }) =>
    new Promise<void>((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(Uint8Array.of(RecordType.PreambleAck)));
      });
      server.once('error', reject).listen(port, '0.0.0.0', () => resolve());
    }),
});
