/** The reasons why several files declare a name, by name. A name that is missing here, or here in vain, fails the check. */
export const REASONS: Readonly<Record<string, string>> = {
  IgnoreReason: "each machine has its own list of reasons for the one effect Ignored",
  MessageType: "the type octet of a message: RFC 4271 §4.1 in BGP, memberlist's messageType in membership",
  Transaction: "the changes of one step, the same in both machines; its fields are those of each machine's state",
  beginTransaction: "begins a Transaction, the same in both machines",
  decodeMessage: "the decoder of each protocol's own messages",
  encodeMessage: "the encoder of each protocol's own messages",
};
