/**
 * Something of a description that a contract has no words for. It costs the operation that needs it, and becomes
 * the comment in that operation's place.
 */
export class CannotSay extends Error {}
