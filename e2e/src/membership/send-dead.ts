import { createCipheriv, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { parseArgs } from "node:util";

// Sends one `dead` message of memberlist to several members. It is written out here in Go's layout and sealed by Node's own AES, so that
// it does not rest on the codec of the package under test.

const { values } = parseArgs({
  options: {
    /** The node that is called dead. */
    node: { type: "string", default: "" },
    /** The node that is named as the accuser. */
    from: { type: "string", default: "" },
    incarnation: { type: "string", default: "" },
    /** 32 octets in hexadecimal. */
    key: { type: "string", default: "" },
    /** Addresses, separated by commas; each gets the same datagram, in this order. */
    to: { type: "string", default: "" },
  },
});

const DEAD = 5;
const PORT = 7946;

/** A text as go-msgpack writes it: fixraw, for fewer than 32 octets. */
function raw(text: string): Buffer {
  const octets = Buffer.from(text);
  if (octets.length > 31) throw new Error(`text too long: ${text}`);
  return Buffer.concat([Buffer.of(0xa0 | octets.length), octets]);
}

/** An unsigned number in msgpack's form of 32 bits. */
function uint32(value: number): Buffer {
  const octets = Buffer.of(0xce, 0, 0, 0, 0);
  octets.writeUInt32BE(value, 1);
  return octets;
}

/** The encryption's version 1, a nonce, the ciphertext and the tag; nothing else is authenticated, as there is no label. */
function seal(key: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(1), nonce, ciphertext, cipher.getAuthTag()]);
}

const fields = [
  [raw("From"), raw(values.from)],
  [raw("Incarnation"), uint32(Number(values.incarnation))],
  [raw("Node"), raw(values.node)],
];
const message = Buffer.concat([Buffer.of(DEAD, 0x80 | fields.length), ...fields.flat()]);
const packet = seal(Buffer.from(values.key, "hex"), message);

const udp = createSocket("udp4");
for (const address of values.to.split(",")) {
  await new Promise<void>((resolve, reject) => {
    udp.send(packet, PORT, address, (error) => (error === null ? resolve() : reject(error)));
  });
}
udp.close();
