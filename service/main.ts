#!/usr/bin/env node
// The only file of the service that knows argv, signals and the exit status.
import { processTerminal } from '../shared/command-line/terminal.ts';
import { run } from './command.ts';
import { stopSignals } from './stop-signals.ts';

process.exitCode = await run(process.argv.slice(2), processTerminal(), stopSignals());
