/**
 * The worker thread: it blocks in poll(2) and owns every descriptor where milliseconds count. Frames, gossip and netlink come in here,
 * elections are decided here and the responder runs here, so that a takeover waits for nobody.
 */
import { createResponderState, type Interface, responder, type ResponderEffect } from "@herald-lb/arp-responder";
import { createPollLoop, type Interface as HostInterface, openWorkerMailbox, watchInterfaces } from "@herald-lb/host";
import { createDriver, instant, type Ipv6Address, isIpv6, isLinkLocal } from "@herald-lb/sansio";
import { isAnnounceable } from "./announceable-interfaces.ts";
import { Counters } from "./counters.ts";
import { Elections, type Verdict } from "./elections.ts";
import { Ports } from "./ports.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";
import { Ring } from "./ring.ts";

/** How often counters cross to the main thread, in milliseconds. */
const COUNT_INTERVAL = 1_000;
/** How long leaving the ring may take before this node falls silent all the same, in milliseconds. */
const LEAVE_PATIENCE = 1_300;
/** How long to wait before a socket that could not be opened is tried again, in milliseconds. */
const OPEN_PAUSE = 1_000;
/** How long this node goes on answering after it left the ring, so that its successors announce first, in milliseconds. */
const HANDOVER = 250;

type Won = Extract<Verdict, { type: "Won" }>;

const loop = createPollLoop();
const mailbox = openWorkerMailbox<WorkerSettings, ToWorker, FromWorker>(loop, receive);
const { node, excludedInterfaces, membership } = mailbox.data;
const excluded = excludedInterfaces === "" ? null : new RegExp(excludedInterfaces);
const counters = new Counters();
const elections = new Elections(node);
const won = new Map<string, Won>();
/** What the responder was told last. */
let interfaces: readonly Interface[] = [];
/** Which addresses another answers for by now, by interface, while this node hands over. */
const handedOver = new Set<string>();
let stopping = false;
let silent = false;
/** What each part lacks; empty of what is in order. */
const troubles = new Map<"netlink" | "ring" | "interfaces", string>();
let toldTrouble: string | null = "starting";

const driver = createDriver({ machine: responder, initial: createResponderState(), perform, clock: loop.clock });
const ports = new Ports({
  loop,
  onFrame: (on, octets) => driver.dispatch({ type: "FrameReceived", on, octets }),
  onGone: (on) => followInterfaces(interfaces.filter(({ index }) => index !== on)),
});
const netlink = watchInterfaces(loop, {
  onChange: (all) => followInterfaces(all.flatMap(toResponderInterface)),
  onError: (error) => note("netlink", `netlink: ${error.syscall}: ${error.code}`),
});
const ring =
  membership === null
    ? null
    : new Ring({
        loop,
        settings: membership,
        node,
        post: mailbox.post,
        onIgnored: (reason) => counters.add("membershipIgnored", reason),
        onLive: (live, joined) => {
          carryOut(elections.setLive(live));
          // A node that was cut off may have answered for our addresses meanwhile: what neighbours believe is put right.
          for (const verdict of elections.contestedBy(joined)) reannounce(verdict);
        },
        onLeft: () => void loop.clock.wakeAt(instant(loop.clock.now() + HANDOVER), silence),
      });

if (!netlink.ok) note("netlink", `netlink: ${netlink.error.syscall}: ${netlink.error.code}`);
startRing();
tellTrouble();
countAgain();
mailbox.post({ type: "Ready" });
loop.run();

function receive(message: ToWorker): void {
  switch (message.type) {
    case "WishDesired":
      carryOut(elections.desire(message.wish));
      return;
    case "WishGone":
      carryOut(elections.forget(message.key));
      return;
    case "NodesKnown":
      if (ring === null) carryOut(elections.setLive(new Set(message.nodes)));
      return;
    case "PeersDesired":
    case "StreamAccepted":
    case "StreamReceived":
    case "StreamClosed":
      ring?.dispatch(message);
      return;
    case "Stop":
      stopping = true;
      if (ring === null) return silence();
      ring.dispatch({ type: "LeaveRequested" });
      loop.clock.wakeAt(instant(loop.clock.now() + LEAVE_PATIENCE), silence);
  }
}

/** The node's address may not be there yet when the machine starts. */
function startRing(): void {
  if (ring === null || stopping) return;
  const trouble = ring.start();
  note("ring", trouble);
  if (trouble !== null) loop.clock.wakeAt(instant(loop.clock.now() + OPEN_PAUSE), startRing);
}

function carryOut(verdicts: readonly Verdict[]): void {
  if (stopping) return;
  for (const verdict of verdicts) {
    const { key } = verdict;
    if (verdict.type === "Won") {
      driver.dispatch({
        type: "AnnouncementDesired",
        key,
        addresses: verdict.addresses,
        interfaces: verdict.interfaces,
      });
      won.set(key, verdict);
      mailbox.post({ type: "Announcing", key, addresses: verdict.addresses, interfaces: presentOf(verdict) });
    } else {
      if (won.delete(key)) driver.dispatch({ type: "AnnouncementGone", key });
      mailbox.post({ type: "NotAnnouncing", key, to: verdict.to });
    }
  }
}

/** Where a Service's addresses are answered for: null for every interface there is, else those of its own that are there. */
function presentOf({ interfaces: selected }: Won): readonly string[] | null {
  if (selected === "all") return null;
  return selected.filter((name) => interfaces.some((one) => one.name === name));
}

function reannounce(verdict: Verdict): void {
  if (verdict.type !== "Won" || stopping) return;
  const { key, addresses, interfaces } = verdict;
  driver.dispatch({ type: "AnnouncementGone", key });
  driver.dispatch({ type: "AnnouncementDesired", key, addresses, interfaces });
}

function perform(effect: ResponderEffect): void {
  switch (effect.type) {
    case "SendFrame":
      // Whoever takes over announces; answering goes on until it did.
      if (stopping && (effect.purpose === "Announcement" || handedOver.has(placeOf(effect)))) return;
      ports.send(effect.on, effect.octets, isIpv6(effect.address) ? "NDP" : "ARP");
      if (effect.purpose === "Reply") {
        counters.add("requests", effect.address);
        counters.add("replies", effect.address);
      } else counters.add("announcements", effect.address);
      return;
    case "JoinGroup":
      ports.join(effect.on, effect.group);
      return;
    case "LeaveGroup":
      ports.leave(effect.on, effect.group);
      return;
    case "Conflict":
      // The successor has announced: two answers would have a client change over and back within one connection.
      if (stopping) {
        handedOver.add(placeOf(effect));
        return;
      }
      mailbox.post({ type: "Conflict", address: effect.address, by: effect.by, interface: nameOf(effect.on) });
      return;
    case "Ignored":
      counters.add("ignored", effect.reason);
      return;
    case "Announced":
    case "Withdrawn":
      return;
  }
}

function placeOf({ on, address }: { readonly on: number; readonly address: string }): string {
  return `${on} ${address}`;
}

function followInterfaces(wanted: readonly Interface[]): void {
  if (silent) return;
  const before = new Map([...won].map(([key, verdict]) => [key, JSON.stringify(presentOf(verdict))]));
  interfaces = ports.follow(wanted);
  driver.dispatch({ type: "InterfacesChanged", interfaces });
  for (const [key, verdict] of won) {
    const present = presentOf(verdict);
    if (JSON.stringify(present) === before.get(key)) continue;
    mailbox.post({ type: "Announcing", key, addresses: verdict.addresses, interfaces: present });
  }
  note("interfaces", ports.trouble);
}

/** The interface as the responder takes it; none for one that addresses are not announced on. */
function toResponderInterface(facts: HostInterface): readonly Interface[] {
  if (facts.mac === null || facts.loopback || !isAnnounceable(facts, excluded)) return [];
  const { index, name, mac, up, carrier } = facts;
  const own = facts.addresses.map(({ address }) => address);
  const linkLocal = own.find((address): address is Ipv6Address => isIpv6(address) && isLinkLocal(address));
  return [{ index, name, hardwareAddress: mac, up, carrier, linkLocalAddress: linkLocal ?? null }];
}

function nameOf(index: number): string {
  return interfaces.find((one) => one.index === index)?.name ?? `#${index}`;
}

function note(part: "netlink" | "ring" | "interfaces", trouble: string | null): void {
  if (trouble === null) troubles.delete(part);
  else troubles.set(part, trouble);
  tellTrouble();
}

function tellTrouble(): void {
  const trouble = troubles.size === 0 ? null : [...troubles.values()].join("; ");
  if (trouble === toldTrouble) return;
  toldTrouble = trouble;
  mailbox.post({ type: "Trouble", trouble });
}

function countAgain(): void {
  const counts = counters.take();
  if (counts !== null) mailbox.post({ type: "Counted", counts });
  loop.clock.wakeAt(instant(loop.clock.now() + COUNT_INTERVAL), countAgain);
}

function silence(): void {
  if (silent) return;
  silent = true;
  ports.close();
  ring?.close();
  driver.stop();
  mailbox.post({ type: "Stopped" });
}
