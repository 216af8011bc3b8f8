import { parseArgs } from "node:util";
import { type CodecContext, decodeMessage, encodeMessage, IPV4_UNICAST, IPV6_UNICAST } from "@herald-lb/bgp-speaker";
import { createRandom, hexOf, octetsFromHex, readVectors } from "@herald-lb/sansio/testing";

const HEADER_LENGTH = 19;

const families = [IPV4_UNICAST, IPV6_UNICAST];
const contexts: readonly CodecContext[] = [
  { fourOctetAs: true, families, maxMessageLength: 4096, peer: "external" },
  { fourOctetAs: true, families, maxMessageLength: 4096, peer: "internal" },
  { fourOctetAs: false, families, maxMessageLength: 4096 },
  { fourOctetAs: true, families, maxMessageLength: 65535, addPath: families },
  { fourOctetAs: true, families: [], maxMessageLength: 4096 },
];

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
  },
});
const count = Number(values.count);
const random = createRandom(Number(values.seed));
const below = (limit: number): number => Math.floor(random() * limit);

/** The octets of a valid message with a changed body; the header stays valid. */
function mutated(frame: Uint8Array): Uint8Array {
  let copy = frame.slice();
  if (below(4) === 0) {
    copy = new Uint8Array(Math.max(HEADER_LENGTH, frame.length - 8 + below(16)));
    copy.set(frame.subarray(0, copy.length));
    copy[16] = copy.length >>> 8;
    copy[17] = copy.length;
  }
  const body = copy.length - HEADER_LENGTH;
  if (body === 0) return copy;
  for (let i = below(4); i >= 0; i--) {
    const at = HEADER_LENGTH + below(body);
    copy[at] = below(2) === 0 ? below(256) : (copy[at] as number) ^ (1 << below(8));
  }
  return copy;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i]);

/** What happened to one frame; a frame that is read but not given back is a failure. */
function outcomeOf(frame: Uint8Array, context: CodecContext): string {
  const result = decodeMessage(frame, context);
  const message = result.ok ? result.value : result.error.received;
  if (message !== undefined) {
    const once = encodeMessage(message, context);
    const again = decodeMessage(once, context);
    const back = again.ok ? again.value : again.error.received;
    if (back === undefined || !same(encodeMessage(back, context), once)) throw new Error("not given back");
    if (result.ok && !again.ok) throw new Error("not accepted a second time");
  }
  return result.ok ? "accepted" : result.error.outcome;
}

const vectors = readVectors<{ readonly hex: string; readonly len: number }>("bgp-core.jsonl");
const frames = (vectors ?? []).filter(({ len }) => len <= 4096).map(({ hex }) => octetsFromHex(hex));
if (frames.length === 0) process.exit(0);

const outcomes = new Map<string, number>();
const start = performance.now();
const end = start + Number(values.seconds) * 1000;
let done = 0;
for (; done < count && (done % 1024 !== 0 || performance.now() < end); done++) {
  const frame = mutated(frames[below(frames.length)] as Uint8Array);
  const context = contexts[done % contexts.length] as CodecContext;
  try {
    const outcome = outcomeOf(frame, context);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  } catch (error) {
    process.stderr.write(`${hexOf(frame)} in ${JSON.stringify(context)}\n`);
    throw error;
  }
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${done} mutations in ${seconds.toFixed(1)} s: ${JSON.stringify(Object.fromEntries(outcomes))}\n`);
