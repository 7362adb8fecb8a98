#!/usr/bin/env node
// The only file of the service that knows argv, signals and the exit status.
import { stopAtEnter, stopSignals } from '../shared/command-line/signals.ts';
import { processTerminal } from '../shared/command-line/terminal.ts';
import { run } from './service.ts';

const stop = stopSignals('stop');
stopAtEnter(stop);
void run(process.argv.slice(2), processTerminal(), stop.signal).then((status) => {
  process.exitCode = status;
  // Also if the service could not start: reading input would keep the process alive.
  stop.abort('over');
});
