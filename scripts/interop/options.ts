// The command line of `npm run interop`.
import { availableParallelism } from 'node:os';
import { checkInteger, COMMON_OPTIONS, type Values } from '../../shared/command-line/command.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { PEER_NAMES } from '../../test/interop/peers.ts';
import { ROUTED_SCENARIOS } from '../../test/interop/routed.ts';
import { SCENARIOS, SERVICE_KINDS } from '../../test/interop/scenarios.ts';
import { modeOf } from '../../test/interop/tally.ts';
import type { Script } from '../command-line.ts';

/** The page that a whole run writes its results into. */
export const PAGE = 'docs/wcf.md';

const MAX_AT_A_TIME = 256;
const MODES = [modeOf(false), modeOf(true)];
const NAMES = [...SCENARIOS, ...ROUTED_SCENARIOS].map(({ name }) => name);

const OPTIONS = {
  require: {
    choices: PEER_NAMES,
    array: true,
    default: [] as (typeof PEER_NAMES)[number][],
    describe: 'a peer that has to be had; may be repeated',
  },
  client: { choices: PEER_NAMES, describe: 'this client alone' },
  service: { choices: SERVICE_KINDS, describe: 'this service alone' },
  mode: { choices: MODES, describe: 'this transfer mode alone' },
  scenario: {
    choices: [...new Set([...NAMES, 'examples', 'security'])],
    describe: 'this scenario alone; examples: the C# of docs/examples; security: the secured ones',
  },
  // Many wait most of the time.
  'at-a-time': {
    type: 'number',
    default: availableParallelism() + 1,
    describe: 'scenarios that run at the same time',
  },
  peers: {
    type: 'boolean',
    default: false,
    describe: 'the peers among themselves, too, as this suite is compared with them',
  },
  record: {
    type: 'boolean',
    default: false,
    describe: 'rewrite what is expected of services that are not ours',
  },
  write: {
    type: 'boolean',
    default: false,
    describe: `run everything, and write the results into ${PAGE}`,
  },
  color: COMMON_OPTIONS.color,
} as const;

export type Options = Values<typeof OPTIONS>;

export const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run interop --',
  usage:
    '$0 [options]\n\nRuns real WCF clients against our service and our client against real WCF services, and says for each pairing and scenario how it ended, and after how many seconds.',
  examples: [['$0 --service ours --scenario exceptions', 'a part of it']],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 if all went as it must, 1 if a scenario deviates, 2 if a required peer is missing, 64 for a wrong option.',
};

/** @throws {NetTcpError} `Usage` for options that do not go together */
export function checkOptions(options: Options): void {
  checkInteger('--at-a-time', options.atATime, 1, MAX_AT_A_TIME);
  const { client, service, mode, scenario, peers: isAmongPeers, record: isRecording } = options;
  const isPart = [client, service, mode, scenario].some((each) => each !== undefined);
  if (options.write && (isPart || isAmongPeers || isRecording)) {
    throw new NetTcpError('Usage', '--write is for a whole run: no other choice beside it.');
  }
}
