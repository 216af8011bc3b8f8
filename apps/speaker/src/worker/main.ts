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
/** How long this node goes on answering after it left the ring, so that its successors announce first, in milliseconds. */
const HANDOVER = 250;

const loop = createPollLoop();
const mailbox = openWorkerMailbox<WorkerSettings, ToWorker, FromWorker>(loop, receive);
const { node, excludedInterfaces, membership } = mailbox.data;
const excluded = excludedInterfaces === "" ? null : new RegExp(excludedInterfaces);
const counters = new Counters();
const elections = new Elections(node);
const wonBy = new Map<string, string>();
/** What the responder was told last. */
let interfaces: readonly Interface[] = [];
let stopping = false;
let lastTrouble: string | null = "starting";

const driver = createDriver({ machine: responder, initial: createResponderState(), perform, clock: loop.clock });
const ports = new Ports({
  loop,
  onFrame: (on, octets) => driver.dispatch({ type: "FrameReceived", on, octets }),
  onGone: (on) => followInterfaces(interfaces.filter(({ index }) => index !== on)),
});
const netlink = watchInterfaces(loop, {
  onChange: (all) => followInterfaces(all.flatMap(toResponderInterface)),
  onError: (error) => tellTrouble(`netlink: ${error.syscall}: ${error.code}`),
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

tellTrouble(netlink.ok ? (ring?.start() ?? null) : `netlink: ${netlink.error.code}`);
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
      if (ring === null) silence();
      else ring.dispatch({ type: "LeaveRequested" });
  }
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
      wonBy.set(key, node);
      const on = verdict.interfaces === "all" ? interfaces.map(({ name }) => name) : verdict.interfaces;
      mailbox.post({ type: "Announcing", key, addresses: verdict.addresses, interfaces: on });
    } else {
      if (wonBy.delete(key)) driver.dispatch({ type: "AnnouncementGone", key });
      mailbox.post({ type: "NotAnnouncing", key, to: verdict.to });
    }
  }
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

function followInterfaces(wanted: readonly Interface[]): void {
  interfaces = ports.follow(wanted);
  driver.dispatch({ type: "InterfacesChanged", interfaces });
  tellTrouble(ports.trouble);
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

function tellTrouble(trouble: string | null): void {
  if (trouble === lastTrouble) return;
  lastTrouble = trouble;
  mailbox.post({ type: "Trouble", trouble });
}

function countAgain(): void {
  const counts = counters.take();
  if (counts !== null) mailbox.post({ type: "Counted", counts });
  loop.clock.wakeAt(instant(loop.clock.now() + COUNT_INTERVAL), countAgain);
}

function silence(): void {
  ports.close();
  ring?.close();
  driver.stop();
  mailbox.post({ type: "Stopped" });
}
