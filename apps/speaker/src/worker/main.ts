/**
 * The worker thread. It blocks in poll(2) and owns every descriptor where milliseconds count: frames, gossip and netlink come in here,
 * and the takeover and the responder run here, so that a takeover waits for nobody.
 */
import { createPollLoop, interfaceIndex, openUdpSocket, openWorkerMailbox, watchInterfaces } from "@herald-lb/host";
import { ok } from "@herald-lb/sansio";
import { openInterfaceOn } from "./open-interface.ts";
import { openRouterDiscoveryOn } from "./open-router-discovery.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";
import { Worker } from "./worker.ts";

/** The TTL of BFD packets, RFC 5881 §5. */
const BFD_TTL = 255;
/** The time after which the others may have taken over where only gossip detects a dead speaker, in milliseconds. */
const PAUSE_WITHOUT_BFD = 500;

const loop = createPollLoop();
const mailbox = openWorkerMailbox<WorkerSettings, ToWorker, FromWorker>(loop, (message) => worker.receive(message));
const worker = new Worker({
  settings: mailbox.data,
  clock: loop.clock,
  post: mailbox.post,
  openInterface: openInterfaceOn(loop),
  openMembershipSocket(bind, onDatagram) {
    const socket = openUdpSocket(loop, {
      ...bind,
      // The loop receives into one buffer: the machine may keep octets, so it gets a copy.
      onDatagram: (octets, { address, port }) => onDatagram(octets.slice(), { address, port }),
    });
    if (!socket.ok) return socket;
    const { send, close } = socket.value;
    return ok({ send: (octets, to) => void send(octets, { ...to, scopeId: 0 }), close });
  },
  openBfdSocket(bind, onDatagram) {
    const socket = openUdpSocket(loop, {
      ...bind,
      ttl: BFD_TTL,
      onDatagram: (octets, { address }) => onDatagram(octets, address),
    });
    if (!socket.ok) return socket;
    const { send, close } = socket.value;
    return ok({ send: (octets, to) => void send(octets, { ...to, scopeId: 0 }), close });
  },
  openRouterDiscovery: openRouterDiscoveryOn(loop),
  openBgpBfdSocket({ minTtl, vrf, ...options }) {
    const limit = minTtl === null ? { receiveTtl: true } : { minTtl };
    const device = vrf === null ? {} : { device: vrf };
    const socket = openUdpSocket(loop, { ...options, ttl: BFD_TTL, ...limit, ...device });
    if (!socket.ok) return socket;
    const { send, close } = socket.value;
    return ok({ send: (octets, to) => void send(octets, to), close });
  },
  interfaceIndex,
  watchInterfaces: (observer) => watchInterfaces(loop, observer),
});
const { membership } = mailbox.data;
const bfd = membership?.bfd ?? null;
loop.watchPauses(bfd === null ? PAUSE_WITHOUT_BFD : bfd.interval * bfd.multiplier, (duration) =>
  worker.pause(duration),
);
worker.start();
loop.run();
