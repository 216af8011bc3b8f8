import type { Claim } from "./claim.ts";
import type { Request } from "./request.ts";

/** The start data of the client's thread. */
export interface ClientPlace {
  /** The namespace that asks by ARP, without an entry for the address. */
  readonly asking: string;
  /** The namespace that sends datagrams to the address, with what entry its kernel has. */
  readonly sending: string;
  /** The addresses that may be claimed begin so. */
  readonly pool: string;
  /** The prefix, of 16 bits, whose upper half holds the sender addresses of the requests: each request has its own, which numbers it. */
  readonly senders: string;
  /** The nodes, whose echoes the thread runs as well. */
  readonly nodes: readonly { readonly name: string; readonly namespace: string }[];
  readonly port: number;
}

/** A message to the client's thread. */
export type ClientCommand =
  /** Asks once who answers for each of these. */
  | { readonly type: "Survey"; readonly addresses: readonly string[] }
  /** Begins to ask for one address, a hundred times a second each way. */
  | { readonly type: "Begin"; readonly address: string }
  /** Ends that and tells what came of it. */
  | { readonly type: "End" };

/** A message of the client's thread. */
export type ClientReport =
  /** It is there; the number is the kernel's for the thread. */
  | { readonly type: "Started"; readonly thread: number }
  | { readonly type: "Surveyed"; readonly answers: readonly { readonly address: string; readonly mac: string }[] }
  | { readonly type: "Claimed"; readonly claim: Claim }
  | {
      readonly type: "Ended";
      readonly asked: readonly Request[];
      readonly sent: readonly Request[];
      /** The most that a request was sent after its time, in milliseconds. */
      readonly late: number;
    };
