import { octetsOf } from "@herald-lb/sansio";
import type { Member } from "./member.ts";
import type { Message } from "./wire/message.ts";

/** The alive message about a member as it is known here. */
export function aliveMessageOf({ name, incarnation, address, port, meta, versions }: Member): Message {
  const vsn = versions === null ? null : Uint8Array.from(versions);
  return { type: "alive", incarnation, node: name, addr: octetsOf(address), port, meta, vsn };
}
