// Another user of the machine, who tries what the first does not want.
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { serve } from '../../serve.ts';

interface PathOptions {
  readonly path: string;
}

/** What a try led to: `done`, or the code of the error. */
type Outcome = string;

serve({
  /** From now on this process belongs to that user. */
  become({ uid }: { readonly uid: number }) {
    process.setgroups?.([]);
    process.setgid?.(uid);
    process.setuid?.(uid);
  },
  read: ({ path }: PathOptions) => attempt(() => readFileSync(path)),
  list: ({ path }: PathOptions) => attempt(() => readdirSync(path)),
  write: ({ path }: PathOptions) => attempt(() => writeFileSync(path, 'mine')),
  link: ({ path, target }: PathOptions & { readonly target: string }) =>
    attempt(() => symlinkSync(target, path)),
  signal: ({ pid }: { readonly pid: number }) => attempt(() => process.kill(pid, 'SIGTERM')),
  /** Connects to a Unix socket, writes, and answers with all that comes until it closes, 2 s at most. */
  say({ path, base64 }: PathOptions & { readonly base64: string }) {
    return new Promise((resolve) => {
      const socket = connect(path);
      let outcome: Outcome = 'closed';
      let octets = '';
      const timer = setTimeout(() => socket.destroy(), 2_000);
      socket.on('connect', () => socket.write(Buffer.from(base64, 'base64')));
      socket.on('data', (chunk) => (octets += chunk.toString()));
      socket.on('error', (error: NodeJS.ErrnoException) => (outcome = error.code ?? 'error'));
      socket.on('close', () => {
        clearTimeout(timer);
        resolve({ outcome, octets });
      });
    });
  },
});

function attempt(act: () => unknown): Outcome {
  try {
    act();
    return 'done';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}
