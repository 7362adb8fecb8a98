#!/usr/bin/env node
// The only file of the client that knows argv and the exit status.
import { standardInput } from '../shared/command-line/input.ts';
import { processTerminal } from '../shared/command-line/terminal.ts';
import { run } from './client.ts';

void run(process.argv.slice(2), processTerminal(), standardInput()).then((status) => {
  process.exitCode = status;
});
