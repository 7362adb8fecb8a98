// W3C Trace Context: what is taken over, and what is ignored.
import { describe, expect, test } from 'vitest';
import { traceContext } from '../../shared/contract/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const RIGHT = `00-${TRACE}-${SPAN}-01`;

test.for([
  RIGHT,
  `00-${TRACE}-${SPAN}-00`,
  `cc-${TRACE}-${SPAN}-01`, // a version to come
  `cc-${TRACE}-${SPAN}-01-what-the-future-has`,
])('%s is taken', (traceparent) => {
  expect(traceContext(traceparent)).toEqual({ traceparent });
});

test.for([
  undefined,
  '',
  ` ${RIGHT}`,
  `${RIGHT}\n`,
  `${RIGHT}-more`, // version 00 has no more
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  RIGHT.toUpperCase(),
  `0-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01-${'x'.repeat(500)}`,
])('%j is not', (traceparent) => {
  expect(traceContext(traceparent, 'a=b')).toBeUndefined();
});

describe('tracestate', () => {
  test.for(['a=b', 'a=b,c@d=e f', '', 'x'.repeat(8_192)])('%# is taken', (tracestate) => {
    expect(traceContext(RIGHT, tracestate)).toEqual({ traceparent: RIGHT, tracestate });
  });
  test.for(['a=b\n', 'a=\u00e9', '\u001b[2J', 'x'.repeat(8_193)])('%# is not', (tracestate) => {
    expect(traceContext(RIGHT, tracestate)).toEqual({ traceparent: RIGHT });
  });
});
