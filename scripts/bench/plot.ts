import { type Effort, endAll, interleaved, startAll } from './case.ts';
import { turn } from './cases/throughput.ts';
import { GRPC, LEAN, OWN } from './contenders/all.ts';
import { rpcWebsockets } from './contenders/rpc-websockets.ts';
import { spreadOf } from './statistics.ts';

const IN_FLIGHT = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000];
const TURN_MS = 300;
const ROUNDS = 3;
const NAMES = [OWN, LEAN, rpcWebsockets.name, GRPC];

interface Curve {
  readonly name: string;
  /** Calls a second for each of {@link IN_FLIGHT}. */
  readonly values: readonly number[];
}

/** Measures calls a second over calls in flight. @returns an SVG image */
export async function plot(effort: Effort): Promise<string> {
  const names = effort.isQuick ? [OWN] : NAMES;
  const { contestants } = await startAll(names, effort);
  const curves = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const inFlight of effort.isQuick ? IN_FLIGHT.slice(0, 2) : IN_FLIGHT) {
    const load = { connections: 1, inFlight };
    const forMs = TURN_MS * effort.scale;
    for (const contestant of contestants) await turn(contestant, load, forMs);
    const rounds = effort.isQuick ? 1 : ROUNDS;
    const measured = await interleaved(contestants, { ...effort, rounds }, async (contestant) => ({
      perSecond: (await turn(contestant, load, forMs)).perSecond,
    }));
    for (const [name, values] of curves) {
      values.push(spreadOf(measured.get(name)?.get('perSecond') ?? []).median);
    }
  }
  await endAll(contestants);
  return draw([...curves].map(([name, values]) => ({ name, values })));
}

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 70;
const RIGHT = 190;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ['#0b6e4f', '#d1495b', '#edae49', '#00798c', '#6b4e9b', '#7a7a7a'];
const LOWEST = 1_000;
const HIGHEST = 10_000_000;
const LABEL_GAP = 15;

/** Both axes are logarithmic: a straight line up means that twice the calls take no longer. */
function draw(curves: readonly Curve[]): string {
  const x = (inFlight: number): number =>
    LEFT + (Math.log(inFlight) / Math.log(1_000)) * (WIDTH - LEFT - RIGHT);
  const y = (perSecond: number): number =>
    HEIGHT -
    BOTTOM -
    (Math.log(perSecond / LOWEST) / Math.log(HIGHEST / LOWEST)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (let value = LOWEST; value <= HIGHEST; value *= 10) {
    parts.push(line(LEFT, y(value), WIDTH - RIGHT, y(value), '#ddd'));
    parts.push(text(LEFT - 8, y(value) + 4, value.toLocaleString('en'), 'end'));
  }
  for (const value of [1, 10, 100, 1_000]) {
    parts.push(line(x(value), TOP, x(value), HEIGHT - BOTTOM, '#eee'));
    parts.push(text(x(value), HEIGHT - BOTTOM + 18, value.toLocaleString('en'), 'middle'));
  }
  parts.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'calls in flight', 'middle'));
  parts.push(text(LEFT, TOP - 16, 'calls a second on one connection', 'start'));
  const labels = new Map<number, number>();
  let last = -Infinity;
  const ends = curves.map(({ values }, index) => ({ index, at: y(values.at(-1) ?? LOWEST) }));
  for (const { index, at } of ends.sort((a, b) => a.at - b.at)) {
    last = Math.max(at, last + LABEL_GAP);
    labels.set(index, last);
  }
  for (const [index, { name, values }] of curves.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const points = values.map((value, at) => `${round(x(IN_FLIGHT[at] ?? 1))},${round(y(value))}`);
    parts.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    );
    const end = x(IN_FLIGHT[values.length - 1] ?? 1) + 8;
    parts.push(text(end, (labels.get(index) ?? 0) + 4, name, 'start', colour));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}"/>`;
}

function text(x: number, y: number, content: string, anchor: string, colour = '#333'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}">${escaped}</text>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
