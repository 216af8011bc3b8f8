import { resolve } from "node:path";
import { hexOf, octetsFromHex, readRecords } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { type BgpMessage, decodeMessage, encodeMessage } from "./index.ts";
import type { UpdateMessage } from "./update.ts";

interface Row {
  readonly name: string;
  readonly hex: string;
  readonly type: string;
  readonly routes?: readonly {
    readonly prefix: string;
    readonly asPath: readonly number[];
    readonly nextHop: string;
    readonly multiExitDisc?: number;
    readonly communities?: readonly string[];
    readonly largeCommunities?: readonly string[];
  }[];
}

const rows = readRecords<Row>(resolve(import.meta.dirname, "../../vectors/frr-bird.jsonl"));
const context: CodecContext = { fourOctetAs: true, families: [IPV4_UNICAST, IPV6_UNICAST], maxMessageLength: 4096 };

function decoded({ hex }: Row): BgpMessage {
  const message = decodeMessage(octetsFromHex(hex), context);
  if (!message.ok) throw new Error(message.error.code);
  return message.value;
}

/** The routes of an UPDATE in the form of the vectors. */
function routesOf({ pathAttributes, nlri }: UpdateMessage): readonly object[] {
  const route: Record<string, unknown> = {};
  let announced = nlri;
  for (const attribute of pathAttributes) {
    switch (attribute.type) {
      case "AS_PATH":
        route["asPath"] = attribute.segments.flatMap(({ autonomousSystems }) => autonomousSystems);
        break;
      case "NEXT_HOP":
        route["nextHop"] = attribute.address;
        break;
      case "MP_REACH_NLRI":
        if ("opaque" in attribute) throw new Error("a family that the context lacks");
        route["nextHop"] = attribute.nextHop;
        announced = attribute.nlri;
        break;
      case "MULTI_EXIT_DISC":
        route["multiExitDisc"] = attribute.value;
        break;
      case "COMMUNITIES":
        route["communities"] = attribute.communities.map((each) => `${each >>> 16}:${each & 0xffff}`);
        break;
      case "LARGE_COMMUNITY":
        route["largeCommunities"] = attribute.communities.map((each) => Object.values(each).join(":"));
        break;
      default:
    }
  }
  return announced.map(({ prefix }) => ({ prefix, ...route }));
}

describe("messages that FRR and BIRD sent", () => {
  it("are of every type", () => {
    expect([...new Set(rows.map(({ type }) => type))].toSorted()).toEqual(
      ["KEEPALIVE", "NOTIFICATION", "OPEN", "ROUTE-REFRESH", "UPDATE"].toSorted(),
    );
    expect(rows.filter(({ routes }) => routes !== undefined)).toHaveLength(5);
  });

  it.each(rows)("$name: decodes to what its sender was configured to send, and encodes to the same octets", (row) => {
    const message = decoded(row);
    expect(message.type).toBe(row.type);
    expect(hexOf(encodeMessage(message, context))).toBe(row.hex);
    if (row.routes !== undefined && message.type === "UPDATE") expect(routesOf(message)).toEqual(row.routes);
  });
});
