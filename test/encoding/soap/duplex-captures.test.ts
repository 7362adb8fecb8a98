// Connections of a .NET client with a duplex service of CoreWCF, as they went over the wire: each side byte by byte.
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../shared/contract/contract.ts';
import type { ClientCodec, Request, ServiceCodec } from '../../../shared/encoding/encoding.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { INews } from '../../fixtures/news.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { envelopesOf, idOf } from './connections.ts';
import { written } from './messages.ts';

const ADDRESS = 'net.tcp://localhost:9310/news';
const envelopes = envelopesOf('dotnet-duplex');

const call = (name: string): Operation => INews.operations.get(name) ?? expect.fail(name);
const callback = (name: string): Operation =>
  INews.callback?.operations.get(name) ?? expect.fail(name);

function open(session: Uint8Array): { client: ClientCodec; service: ServiceCodec } {
  const soap = createSoap('buffered', () => session);
  const options = { contract: INews, limits: DEFAULT_LIMITS, address: ADDRESS };
  return { client: soap.client(options), service: soap.service(options) };
}

function received(service: ServiceCodec, envelope: string | undefined): Request {
  const bytes = octets(envelope ?? '');
  const read = service.readDuplex(bytes, 0, bytes.length, () => callback('Ask'));
  return read.kind === 'answer' ? expect.fail('it is an answer') : read;
}

function heard(client: ClientCodec, envelope: string | undefined): Request | undefined {
  const bytes = octets(envelope ?? '');
  const read = client.readReply(bytes, 0, bytes.length, () => call('Subscribe'));
  return read?.kind === 'callback' ? read.request : undefined;
}

const sent = (write: Parameters<typeof written>[0]): string => hex(written(write));

describe('duplex: one-way callbacks after the call', () => {
  const [request = ''] = envelopes('duplex', 'client');
  const [answer = '', ...news] = envelopes('duplex', 'service');
  const [session, id] = idOf(request, '441aad');

  test('the service', () => {
    const { service } = open(session);
    const read = received(service, request);
    expect(read).toMatchObject({ kind: 'call', operation: call('Subscribe'), args: ['T'] });
    const result = sent((out) =>
      service.writeResult(out, read.id ?? '', call('Subscribe'), 'subscribed T'),
    );
    expect(result).toBe(answer);
    const told = [0, 1, 2].map((number) =>
      sent((out) => service.calls.writeRequest(out, number, callback('OnNews'), ['T', number])),
    );
    expect(told).toEqual(news);
  });

  test('the client', () => {
    const { client } = open(session);
    expect(sent((out) => client.writeRequest(out, id, call('Subscribe'), ['T']))).toBe(request);
    const bytes = octets(answer);
    expect(client.readReply(bytes, 0, bytes.length, () => call('Subscribe'))).toEqual({
      kind: 'result',
      id,
      value: 'subscribed T',
    });
    const calls = news.map((each) => heard(client, each));
    expect(calls).toMatchObject(
      [0, 1, 2].map((number) => ({ operation: callback('OnNews'), args: ['T', number] })),
    );
  });
});

describe('duplexAsk: a callback within the first call', () => {
  const [request = '', answered = ''] = envelopes('duplexAsk', 'client');
  const [asked = '', answer = ''] = envelopes('duplexAsk', 'service');
  const [ofClient, callId] = idOf(request, '441aad');
  const [ofService, callbackId] = idOf(asked, '441aad');

  test('the service', () => {
    const { service } = open(ofService);
    const read = received(service, request);
    expect(read).toMatchObject({ operation: call('AskBack'), args: ['q'] });
    expect(sent((out) => service.calls.writeRequest(out, callbackId, callback('Ask'), ['q']))).toBe(
      asked,
    );
    const bytes = octets(answered);
    const operationOf = (id: number): Operation | undefined =>
      id === callbackId ? callback('Ask') : undefined;
    expect(service.readDuplex(bytes, 0, bytes.length, operationOf)).toEqual({
      kind: 'answer',
      answer: { kind: 'result', id: callbackId, value: 'answer to q' },
    });
    const result = sent((out) =>
      service.writeResult(out, read.id ?? '', call('AskBack'), 'asked: answer to q'),
    );
    expect(result).toBe(answer);
  });

  test('the client', () => {
    const { client } = open(ofClient);
    expect(sent((out) => client.writeRequest(out, callId, call('AskBack'), ['q']))).toBe(request);
    const read = heard(client, asked);
    expect(read).toMatchObject({ kind: 'call', operation: callback('Ask'), args: ['q'] });
    const { id = '' } = read ?? expect.fail('it is no callback');
    const result = sent((out) =>
      client.answers.writeResult(out, id, callback('Ask'), 'answer to q'),
    );
    expect(result).toBe(answered);
    const bytes = octets(answer);
    expect(client.readReply(bytes, 0, bytes.length, () => call('AskBack'))).toEqual({
      kind: 'result',
      id: callId,
      value: 'asked: answer to q',
    });
  });
});

test('duplexOneWay: neither side wants an answer', () => {
  const [request = ''] = envelopes('duplexOneWay', 'client');
  const [told = ''] = envelopes('duplexOneWay', 'service');
  const { client, service } = open(new Uint8Array(12));
  expect(sent((out) => client.writeRequest(out, 1, call('SubscribeOneWay'), ['T']))).toBe(request);
  expect(received(service, request)).toMatchObject({ operation: call('SubscribeOneWay') });
  expect(sent((out) => service.calls.writeRequest(out, 1, callback('OnNews'), ['T', 99]))).toBe(
    told,
  );
  expect(heard(client, told)).toMatchObject({ operation: callback('OnNews'), args: ['T', 99] });
});
