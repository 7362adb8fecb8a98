// The only file of the harness that knows argv, signals and the exit status.
import { stopSignals } from '../../shared/command-line/signals.ts';
import { processTerminal } from '../../shared/command-line/terminal.ts';
import { progressOn } from '../../shared/command-line/progress.ts';
import { current, run } from './command.ts';

const stop = stopSignals('stop');
// However this process ends, daemons end first: they must not see their directory removed.
process.prependListener('exit', () => current?.abandon());
process.exitCode = await run(process.argv.slice(2), processTerminal(), stop.signal, progressOn());
// An aborted trial may still wait for something.
process.exit();
