import { putU32, u32At } from "../octet-fields.ts";
import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** One large community, RFC 8092 §3: three unsigned integers of 32 bits. */
export interface LargeCommunity {
  readonly globalAdministrator: number;
  readonly localDataPart1: number;
  readonly localDataPart2: number;
}

/** LARGE_COMMUNITY, RFC 8092 §3. */
export interface LargeCommunities extends AttributeBase {
  readonly type: "LARGE_COMMUNITY";
  readonly communities: readonly LargeCommunity[];
}

/** RFC 8092 §3. */
export const largeCommunities: AttributeCodec<LargeCommunities> = {
  code: 32,
  category: Category.OptionalTransitive,
  onMalformed: "treat-as-withdraw", // RFC 8092 §6
  malformed: "OptionalAttributeError",
  decode: (octets, start, end) => {
    if (start === end || (end - start) % 12 !== 0) return null;
    const values: LargeCommunity[] = [];
    for (let at = start; at < end; at += 12) {
      values.push({
        globalAdministrator: u32At(octets, at),
        localDataPart1: u32At(octets, at + 4),
        localDataPart2: u32At(octets, at + 8),
      });
    }
    return { type: "LARGE_COMMUNITY", communities: values };
  },
  encode: (attribute, out, at) => {
    for (const { globalAdministrator, localDataPart1, localDataPart2 } of attribute.communities) {
      at = putU32(out, putU32(out, putU32(out, at, globalAdministrator), localDataPart1), localDataPart2);
    }
    return at;
  },
};
