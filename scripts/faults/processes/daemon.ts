// The port-sharing daemon itself, but started by the harness, so that it can be asked what it keeps.
import { openLogFile } from '../../../shared/port-sharing/machine/log.ts';
import { resolvePaths } from '../../../shared/port-sharing/machine/paths.ts';
import { runDaemon } from '../../../shared/port-sharing/daemon/run.ts';
import { limitsFromEnvironment } from '../../../shared/port-sharing/machine/environment/limits-variable.ts';
import { serve } from '../../serve.ts';
import { census, heap } from '../harness/census.ts';

const paths = resolvePaths();
const log = openLogFile(paths.log, 1_048_576);
const stop = new AbortController();

serve({
  run() {
    const limits = { idleExitMs: 600_000, ...limitsFromEnvironment() };
    void runDaemon({ paths, log, limits, signal: stop.signal });
  },
  census,
  heap,
});
