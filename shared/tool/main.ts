#!/usr/bin/env node
// The only file of the command that knows argv, signals and the exit status.
import { constants } from 'node:os';
import { processTerminal } from '../command-line/terminal.ts';
import { run } from './command.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(signal);
  });
}
process.exitCode = await run(process.argv.slice(2), processTerminal(), stop.signal);
