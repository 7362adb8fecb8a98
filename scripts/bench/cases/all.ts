import type { Case } from '../case.ts';
import { codec } from './codec.ts';
import { connect } from './connect.ts';
import { large } from './large.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { registry } from './registry.ts';
import { relay } from './relay.ts';
import { replicas } from './replicas.ts';
import { secured } from './secured.ts';
import { start } from './start.ts';
import { stream } from './stream.ts';
import { throughput } from './throughput.ts';
import { wcf } from './wcf.ts';

export const CASES: readonly Case[] = [
  latency,
  throughput,
  large,
  stream,
  connect,
  relay,
  registry,
  replicas,
  memory,
  start,
  wcf,
  secured,
  codec,
];
