import { type CodecContext, IPV4_UNICAST, IPV6_UNICAST } from "@herald-lb/bgp-speaker";
import { octetsFromHex, readVectors } from "@herald-lb/sansio/testing";

/** The context in which the measured UPDATEs are read: four-octet AS numbers, both unicast families. */
export const context: CodecContext = {
  fourOctetAs: true,
  families: [IPV4_UNICAST, IPV6_UNICAST],
  maxMessageLength: 65535,
};

interface Vector {
  readonly hex: string;
  readonly msgType: number;
  readonly ctx: { readonly addpath: readonly unknown[] | null };
  readonly expected: { readonly asWidth?: number };
}

/** The UPDATEs of the foreign vectors that are read in `context`, in their order, or null where the vectors are absent. */
export function readUpdates(): Uint8Array[] | null {
  const vectors = readVectors<Vector>("bgp-core.jsonl");
  if (vectors === null) return null;
  return vectors
    .filter(({ msgType, ctx, expected }) => msgType === 2 && expected.asWidth !== 2 && (ctx.addpath ?? []).length === 0)
    .map(({ hex }) => octetsFromHex(hex));
}
