import { inNetworkNamespace, openPacketSocket, type PollLoop, readInterfaces } from "@herald-lb/host";
import { type Instant, instant } from "@herald-lb/sansio";
import type { Claim } from "./claim.ts";
import { type ArpFrame, decodeArpFrame, encodeWhoHas } from "./arp-frame.ts";
import type { ClientPlace } from "./message.ts";

/** The part of a client that speaks ARP: it asks, and hears who claims what. */
export interface Asking {
  /** Sends request number `sequence`. */
  readonly ask: (address: string, sequence: number) => void;
  /** Asks once for each of the addresses and tells who answered. */
  readonly survey: (
    addresses: readonly string[],
    tell: (answers: readonly { readonly address: string; readonly mac: string }[]) => void,
  ) => void;
}

/** Reports of the ARP side. */
interface AskingHandlers {
  /** A request was answered; of its number the lowest 15 bits are known. */
  readonly onAnswer: (lowBits: number, mac: string) => void;
  /** Another node than before claims an address. */
  readonly onClaim: (claim: Claim) => void;
}

/** Requests of a survey that go out together; more at once would overflow the receivers' sockets. */
const SURVEY_BURST = 25;
/** From one such burst to the next, in milliseconds. */
const SURVEY_INTERVAL = 5;
/** The wait for the last answers to a survey, in milliseconds. */
const SURVEY_END = 250;
/** The third octet of the first sender address: the lower half of the prefix has the hosts. */
const FIRST_SENDER = 128;

/** Opens the ARP side of the client in its namespace. */
export function openAsking(loop: PollLoop, place: ClientPlace, { onAnswer, onClaim }: AskingHandlers): Asking {
  const claimed = new Map<string, string>();
  let surveyed: { address: string; mac: string }[] | null = null;

  const onFrame = (frame: Uint8Array): void => {
    const arp = decodeArpFrame(frame);
    if (arp === null || !arp.senderAddress.startsWith(place.pool)) return;
    const { senderAddress: address, source: mac } = arp;
    const before = claimed.get(address) ?? null;
    if (before !== mac) {
      claimed.set(address, mac);
      onClaim({ at: loop.clock.now(), address, before, mac });
    }
    if (!arp.isReply) return;
    const sequence = sequenceOf(arp, place.senders);
    if (sequence === null) surveyed?.push({ address, mac });
    else onAnswer(sequence, mac);
  };

  const { mac, send } = inNetworkNamespace(place.asking, () => {
    const interfaces = readInterfaces();
    const eth0 = interfaces.ok ? interfaces.value.find(({ name }) => name === "eth0") : undefined;
    if (eth0?.mac == null) throw new Error("the client has no eth0");
    const onGone = (): void => {
      throw new Error("the client's eth0 is gone");
    };
    const socket = openPacketSocket(loop, { interfaceIndex: eth0.index, protocol: "ARP", onFrame, onGone });
    if (!socket.ok) throw new Error(`the client's packet socket: ${socket.error.code}`);
    return { mac: eth0.mac, send: socket.value.send };
  });

  return {
    ask: (address, sequence) => {
      send(encodeWhoHas(mac, senderOf(sequence, place.senders), address));
    },
    survey: (addresses, tell) => {
      surveyed = [];
      const surveyor = `${place.senders}.1.1`;
      const next = (from: number, now: Instant): void => {
        if (from >= addresses.length) {
          loop.clock.wakeAt(instant(now + SURVEY_END), () => {
            tell(surveyed ?? []);
            surveyed = null;
          });
          return;
        }
        for (const address of addresses.slice(from, from + SURVEY_BURST)) send(encodeWhoHas(mac, surveyor, address));
        const then = instant(now + SURVEY_INTERVAL);
        loop.clock.wakeAt(then, () => next(from + SURVEY_BURST, loop.clock.now()));
      };
      next(0, loop.clock.now());
    },
  };
}

/** A reply repeats the request's sender address, which so numbers it: with the lowest 15 bits of its number. */
function senderOf(sequence: number, prefix: string): string {
  return `${prefix}.${FIRST_SENDER + ((sequence >> 8) & 127)}.${sequence & 255}`;
}

function sequenceOf({ targetAddress }: ArpFrame, prefix: string): number | null {
  if (!targetAddress.startsWith(`${prefix}.`)) return null;
  const [, , third = 0, fourth = 0] = targetAddress.split(".").map(Number);
  return third < FIRST_SENDER ? null : ((third - FIRST_SENDER) << 8) | fourth;
}
