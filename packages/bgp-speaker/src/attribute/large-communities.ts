import type { AttributeBase } from "./attribute-codec.ts";

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
