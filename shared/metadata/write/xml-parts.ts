import type { Operation } from '../../contract/contract.ts';
import type { MessageShape } from '../../contract/message.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { Field } from '../../contract/types/types.ts';
import { xs } from '../xml/vocabulary.ts';
import { Draft } from './draft.ts';
import type { Schemas } from './schemas.ts';
import { type MessageParts, PARAMETERS } from './write-parts.ts';
import { XmlTypeWriter } from './xml-types.ts';

/**
 * The messages of an operation of the format `xmlSerializer`, whose elements and types are in the schemas then.
 *
 * @throws {CannotDescribe} for what schemas have no form for, or have something else of its name; then nothing of the
 *   operation is in them
 */
export function xmlMessages(
  operation: Operation,
  schemas: Schemas,
): { readonly request: MessageParts; readonly reply: MessageParts } {
  const { name, namespace, parameters, results, replyName, oneWay } = operation;
  const draft = new Draft(schemas);
  const types = new XmlTypeWriter(draft, namespace);
  const wrapped = (of: QName, fields: readonly Field[]): MessageParts => {
    draft.define('element', of, fields, () => {
      const parts = fields.map((field) => types.member(field, of.namespace));
      const content = xs('complexType', {}, [xs('sequence', {}, parts)]);
      return xs('element', { name: of.name }, [content]);
    });
    return { body: [{ name: PARAMETERS, element: of }], headers: [] };
  };
  const ofShape = ({ wrapper, headers, body }: MessageShape): MessageParts => ({
    body:
      wrapper === undefined
        ? body.map((part) => ({ name: part.name, element: types.root(part) }))
        : wrapped(wrapper, body).body,
    headers: headers.map(({ header }) => ({
      name: header.name,
      element: types.header(header, header.each ?? header.type),
    })),
  });
  const messages = {
    request: operation.request
      ? ofShape(operation.request)
      : wrapped({ name, namespace }, parameters),
    reply:
      operation.reply !== undefined
        ? ofShape(operation.reply)
        : oneWay
          ? { body: [], headers: [] }
          : wrapped({ name: replyName, namespace }, results),
  };
  draft.commit();
  return messages;
}
