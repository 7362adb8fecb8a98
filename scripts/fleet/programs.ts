import { run } from '../run.ts';
import { etcdMissing } from './etcd.ts';

/** Which program a fleet needs that is not installed here; `undefined` if all are. */
export async function missingPrograms(): Promise<string | undefined> {
  const { status } = await run(['haproxy', '-v']);
  if (status !== 0) return 'HAProxy is not installed (Debian: apt-get install haproxy)';
  return await etcdMissing();
}
