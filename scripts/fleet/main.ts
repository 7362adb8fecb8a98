// The only file of the fleet that knows argv, signals and the exit status.
import { stopSignals } from '../../shared/command-line/signals.ts';
import { processTerminal } from '../../shared/command-line/terminal.ts';
import { progressOn } from '../../shared/command-line/progress.ts';
import { run } from './command.ts';

const { signal } = stopSignals('stop');
process.exitCode = await run(process.argv.slice(2), processTerminal(), signal, progressOn());
// A fault that was stopped may still wait for something.
process.exit();
