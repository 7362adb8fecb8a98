// The only file of the harness that knows argv, signals and the exit status.
import { stopSignals } from '../../shared/command-line/signals.ts';
import { processTerminal } from '../../shared/command-line/terminal.ts';
import { progressOn } from '../progress.ts';
import { current, run } from './command.ts';

const stop = stopSignals('stop');
// However it ends, no daemon goes on; it must not meet its directory being removed.
process.prependListener('exit', () => current?.abandon());
process.exitCode = await run(process.argv.slice(2), processTerminal(), stop.signal, progressOn());
// A trial that was given up may still wait for something.
process.exit();
