import type { Contract, Operation } from '../contract/contract.ts';
import { nothing } from '../contract/types/types.ts';

const TRANSFER = 'http://schemas.xmlsoap.org/ws/2004/09/transfer';

/**
 * WS-Transfer's Get, with which metadata are asked for. Its bodies are not parameters: the request has none, and the
 * answer is an element, which the service's method gives as what writes it, and a client gets as text.
 */
export const GET_METADATA: Operation = {
  name: 'Get',
  method: 'Get',
  namespace: TRANSFER,
  parameters: [],
  result: nothing,
  results: [],
  hasSeveralResults: false,
  oneWay: false,
  faults: [],
  action: `${TRANSFER}/Get`,
  replyAction: `${TRANSFER}/GetResponse`,
  isInitiating: true,
  isTerminating: false,
  streamsRequest: false,
  streamsReply: false,
  replyName: 'GetResponse',
};

/** WCF's contract of that name. */
export const IMetadataExchange: Contract = {
  name: 'IMetadataExchange',
  namespace: 'http://schemas.microsoft.com/2006/04/mex',
  operations: new Map([[GET_METADATA.method, GET_METADATA]]),
  types: new Set(),
  sessionMode: 'allowed',
  callback: undefined,
  definitions: {},
};
