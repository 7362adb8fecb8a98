#!/usr/bin/env node
// The only file of the command that knows argv, signals and the exit status.
import { stopSignals } from '../command-line/signals.ts';
import { processTerminal } from '../command-line/terminal.ts';
import { run } from './command.ts';

const { signal } = stopSignals('stop');
void run(process.argv.slice(2), processTerminal(), signal).then((status) => {
  process.exitCode = status;
});
