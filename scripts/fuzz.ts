// npm run fuzz: see SCRIPT. `npm test` has the same targets, with fewer cases.
import { checkInteger, type Values } from '../shared/command-line/command.ts';
import { progressOn } from '../shared/command-line/progress.ts';
import { NetTcpError } from '../shared/errors.ts';
import { EVERYTHING, readsOrComplains } from '../test/encoding/binary-xml/fuzz-target.ts';
import { mutations } from '../test/encoding/binary-xml/mutations.ts';
import { readMessage, RIGHT } from '../test/encoding/msgpack/fuzz-target.ts';
import { messages, originals, receive, serve } from '../test/encoding/soap/fuzz-target.ts';
import { buffered, streamed } from '../test/encoding/soap/messages.ts';
import { SECURITY_TARGETS } from '../test/encoding/soap/security/fuzz-target.ts';
import { readInPieces, STREAMED } from '../test/encoding/streams/fuzz-target.ts';
import { decodeInCuts, STREAM } from '../test/framing/fuzz-target.ts';
import { CHANGES, importChanged, importText, METADATA } from '../test/metadata/fuzz-target.ts';
import { TOKEN_TARGETS } from '../test/security/negotiate/fuzz-target.ts';
import { HEADERS, readHeaderInCuts } from '../test/transport/fronts/fuzz-target.ts';
import { injectEverywhere } from '../test/transport/wired-everywhere.ts';
import { WiredFuzz } from '../test/transport/wired-fuzz.ts';
import { type KindName, KINDS } from '../test/transport/wired-kinds.ts';
import { type Script, startScript } from './command-line.ts';

interface Target {
  readonly name: string;
  readonly originals: readonly Uint8Array[];
  readonly read: (payload: Uint8Array) => void;
  /** Of the cases of a turn: less where one takes long. Default: 1. */
  readonly share?: number;
}

const TARGETS: readonly Target[] = [
  { name: 'binary XML', originals: [EVERYTHING], read: (payload) => readsOrComplains(payload) },
  ...[buffered, streamed].flatMap((encoding) => [
    {
      name: `SOAP requests, ${encoding.contentType}`,
      originals: [originals(encoding).request],
      read: (payload: Uint8Array) => serve(encoding, payload),
    },
    {
      name: `SOAP answers, ${encoding.contentType}`,
      originals: originals(encoding).answers,
      read: (payload: Uint8Array) => receive(encoding, payload),
    },
    ...messages(encoding).flatMap(({ operation, request, answer }) => [
      {
        name: `message contracts, ${operation.name}, ${encoding.contentType}, requests`,
        originals: [request],
        read: (payload: Uint8Array) => serve(encoding, payload),
      },
      {
        name: `message contracts, ${operation.name}, ${encoding.contentType}, answers`,
        originals: [answer],
        read: (payload: Uint8Array) => receive(encoding, payload, operation),
      },
    ]),
  ]),
  { name: 'streams in messages', originals: STREAMED, read: readInPieces },
  { name: 'MessagePack', originals: RIGHT, read: readMessage },
  { name: 'records, in any cuts', originals: [STREAM], read: decodeInCuts },
  { name: 'metadata, as text', originals: METADATA, read: importText, share: 0.02 },
  { name: 'metadata, changed elements', originals: CHANGES, read: importChanged, share: 0.02 },
  { name: 'PROXY headers, in any cuts', originals: HEADERS, read: readHeaderInCuts },
  ...SECURITY_TARGETS,
  ...TOKEN_TARGETS,
];
// How many cases a target has before the next one has its turn.
const CASES_A_TURN = 20_000;
/** Sessions take milliseconds; one that waits for what was taken away takes a second. */
const SESSIONS_A_TURN = 256;
/** Positions from one at which something is put in the clear to the next: as many turns meet each of them. */
const POSITION_STEP = 16;
const SESSIONS_AT_A_TIME = 16;

const MAX_MINUTES = 10_080; // a week
const MAX_SEED = 2 ** 31;

const OPTIONS = {
  minutes: { type: 'number', default: 1, describe: 'for how long' },
  seed: {
    type: 'number',
    describe: 'the same seed makes the same cases; left out, another each time',
  },
  everywhere: {
    type: 'boolean',
    default: false,
    describe:
      'in place of all that: a call in the clear at every position of a session, for each security and each way to a service; as long as that takes',
  },
} as const;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run fuzz --',
  usage:
    '$0 [options]\n\nFeeds the readers of network data with bytes that are nearly right. They may read them, or throw a typed error; anything else ends the run, and is shown with the seed that does it again. So do whole sessions with security, between a real client and a real service, of which bytes are changed on the way.',
  examples: [['$0 --minutes 5', 'for five minutes']],
  options: OPTIONS,
  exitStatuses: 'Exit status: 0 done, 1 if a reader did anything else, 64 for a wrong option.',
};

const progress = progressOn();
const counts = new Map<string, number>();
let until = 0;
let hasFailed = false;

await startScript(SCRIPT, main);

async function main({ minutes, seed: given, everywhere }: Values<typeof OPTIONS>): Promise<number> {
  if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
    const text = `--minutes must be a number above 0, ${MAX_MINUTES} at most.`;
    throw new NetTcpError('Usage', text);
  }
  let seed = checkInteger('--seed', given ?? Date.now() % MAX_SEED, 0, MAX_SEED);
  // Most cases end in an error; without stacks a run takes a third of the time.
  Error.stackTraceLimit = 0;
  if (everywhere) {
    const tell = (text: string): void => {
      progress.clear();
      console.log(text);
    };
    await injectEverywhere((name) => progress.show(name), tell);
    return 0;
  }
  until = performance.now() + minutes * 60_000;
  console.log(`seed ${seed}, ${minutes} minutes`);
  while (performance.now() < until && !hasFailed) {
    for (const target of TARGETS) {
      progress.show(`seed ${seed}, ${target.name}`);
      play(target, seed);
    }
    for (const kind of KINDS) await playWired(kind, seed);
    seed += 1;
  }
  progress.clear();
  for (const [name, count] of counts) console.log(`${name}: ${count} cases`);
  return hasFailed ? 1 : 0;
}

function play({ name, originals: all, read, share = 1 }: Target, from: number): void {
  const cases = Math.ceil((CASES_A_TURN * share) / all.length);
  let made = 0;
  for (const original of all) {
    for (const payload of mutations(original, cases, from)) {
      try {
        read(payload);
        made++;
      } catch (error) {
        progress.clear();
        console.error(`${name}, seed ${from}: ${Buffer.from(payload).toString('hex')}`, error);
        hasFailed = true;
        return;
      }
    }
  }
  counts.set(name, (counts.get(name) ?? 0) + made);
}

async function playWired(kind: KindName, from: number): Promise<void> {
  if (hasFailed || performance.now() > until) return;
  const name = `sessions on the wire, ${kind}`;
  progress.show(`seed ${from}, ${name}`);
  const fuzz = await WiredFuzz.open(kind);
  try {
    await fuzz.play(from * SESSIONS_A_TURN, SESSIONS_A_TURN, SESSIONS_AT_A_TIME);
    const injected = await fuzz.inject(from % POSITION_STEP, POSITION_STEP, SESSIONS_AT_A_TIME);
    const sum = [...injected.values()].reduce((total, count) => total + count, SESSIONS_A_TURN);
    counts.set(name, (counts.get(name) ?? 0) + sum);
  } catch (error) {
    progress.clear();
    console.error(`${name}, seed ${from}:`, error);
    hasFailed = true;
  } finally {
    await fuzz.close();
  }
}
