import { deviations, forOurs, readExpectation } from './expected.ts';
import type { ClientRun } from './processes.ts';
import { runRouted } from './routed.ts';
import { runScenario } from './run-scenario.ts';
import type { Pairing, Scenario, ServiceKind } from './scenarios.ts';

const MONO_TRIES = 4;

/** What came of a scenario. */
export interface Outcome {
  /** What is not as it must be. */
  readonly found: readonly string[];
  readonly note: string;
  readonly seconds: number;
  readonly run?: ClientRun;
}

/**
 * Runs a scenario and holds it against what was recorded. Mono's service now and then leaves a new connection
 * unanswered, whoever the client is: it may try so many times.
 *
 * @param isRecording what was recorded before does not count
 */
export async function judge(
  scenario: Scenario,
  pairing: Pairing,
  isRecording: boolean,
): Promise<Outcome> {
  const tries = pairing.servicePeer?.name === 'mono' ? MONO_TRIES : 1;
  for (let number = 1; ; number++) {
    const outcome = await judgeOnce(scenario, pairing, isRecording);
    if (outcome.found.length > 0 && number < tries) continue;
    return number === 1 ? outcome : { ...outcome, note: `${outcome.note}, try ${number}` };
  }
}

async function judgeOnce(
  scenario: Scenario,
  pairing: Pairing,
  isRecording: boolean,
): Promise<Outcome> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1_000;
  try {
    const run = await (pairing.service === 'routed' ? runRouted : runScenario)(scenario, pairing);
    const reference = referenceOf(pairing.service);
    const key = keyOf(scenario, pairing.streamed);
    const recorded = isRecording ? undefined : readExpectation(pairing.client.name, reference, key);
    const expected = pairing.service.startsWith('ours') ? forOurs(recorded) : recorded;
    const note = noteOf(run, expected !== undefined);
    return { found: deviations(run, expected), note, seconds: seconds(), run };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { found: [why], note: '', seconds: seconds() };
  }
}

/** Our service is compared with WCF's. */
export function referenceOf(service: ServiceKind): 'wcf' | 'mono' | 'routed' {
  return service === 'mono' || service === 'routed' ? service : 'wcf';
}

/** Under which name a scenario is recorded. */
export function keyOf(scenario: Scenario, streamed: boolean): string {
  return streamed ? `${scenario.name} streamed` : scenario.name;
}

function noteOf(run: ClientRun, isCompared: boolean): string {
  const sum = (member: string): number =>
    run.results.reduce((total, result) => total + Number(result[member] ?? 0), 0);
  const calls = `${sum('calls')} calls`;
  const isRandom = run.results.some((result) => result.scenario === 'random');
  const zero = isRandom ? `, ${sum('zeroSign')} without the sign of a zero` : '';
  return `${calls}${zero}${isCompared ? ', as recorded' : ''}`;
}
