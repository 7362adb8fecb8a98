import type { MakeSession } from '../endpoint-table.ts';

/**
 * What makes sessions that remember something, and those with streams: loaded only where an endpoint needs them, as
 * most do not.
 */
export async function loadSessions(needs: {
  readonly hasState: boolean;
  readonly hasStreams: boolean;
}): Promise<{
  readonly stateful: MakeSession | undefined;
  readonly streamed: MakeSession | undefined;
}> {
  const [stateful, streamed] = await Promise.all([
    needs.hasState ? import('./stateful-session.ts') : undefined,
    needs.hasStreams ? import('./streamed-session.ts') : undefined,
  ]);
  return {
    stateful: stateful && ((...from) => new stateful.StatefulSession(...from)),
    streamed: streamed?.streamedSession,
  };
}
