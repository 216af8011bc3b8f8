import type { AnnouncementRequest } from "@herald-lb/arp-responder";
import type { NetworkInterface, InterfaceObserver, SystemError } from "@herald-lb/host";
import type { TransportAddress } from "@herald-lb/membership";
import { err, type IpAddress, ok, type Result } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import type { FromWorker, WorkerSettings } from "./protocol.ts";
import { networkInterface } from "./network-interface.test.fixture.ts";
import { Worker } from "./worker.ts";

/** The address that is announced. */
export const ADDRESS: IpAddress = "10.0.0.1" as IpAddress;
/** The key of its Service. */
export const KEY = "default/web";
/** The address of this node in the membership. */
export const bind: TransportAddress = { address: "192.0.2.11" as IpAddress, port: 7946 };
/** The address of another node. */
export const other: TransportAddress = { address: "192.0.2.12" as IpAddress, port: 7946 };
/** The hardware address of another station. */
export const PEER = "02005e005399";

/** The request that ADDRESS be announced. sha-256 ranks node-b first for this address. */
export const request: AnnouncementRequest = {
  key: KEY,
  addresses: [ADDRESS],
  electionAddress: ADDRESS,
  candidates: ["node-a", "node-b"].map((node) => ({ node, score: 0, interfaces: "all" })),
  sticky: false,
  spread: false,
};
/** An interface that can announce. */
export const eth0: NetworkInterface = networkInterface();

/** A worker with a clock and fake sockets, and what it did. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly worker: Worker;
  readonly posted: FromWorker[];
  /** The frames sent since the last call, as `ARP` or `NDP` and their length. */
  readonly takeFrames: () => readonly string[];
  readonly frame: (octets: Uint8Array) => void;
  readonly interfaces: (all: readonly NetworkInterface[]) => void;
  readonly netlinkFails: (error: SystemError) => void;
  readonly goneInterface: () => void;
  readonly closed: string[];
  /** The solicited-node groups that are joined. */
  readonly groups: Set<string>;
  /** The indices of the interfaces that were opened. */
  readonly opened: number[];
  readonly datagrams: number;
  /** The error with which the membership's socket fails to open; null for none. */
  membershipFailure: string | null;
}

/** A worker of a node that waits for others at `bind`. */
export function createBench(node = "node-b", settings: Partial<WorkerSettings> = {}): Bench {
  const clock = createVirtualClock();
  const posted: FromWorker[] = [];
  const closed: string[] = [];
  const groups = new Set<string>();
  const opened: number[] = [];
  let frames: string[] = [];
  let onFrame: (octets: Uint8Array) => void = () => {};
  let onGone: () => void = () => {};
  let observer: InterfaceObserver | null = null;
  let datagrams = 0;
  const membership = { bind, profile: "fast" as const, keys: [], seed: new Uint8Array(32).fill(1), bfd: null };
  const bench: Bench = {
    clock,
    posted,
    closed,
    groups,
    opened,
    membershipFailure: null,
    get datagrams() {
      return datagrams;
    },
    worker: new Worker({
      settings: {
        node,
        excludedInterfaces: "^veth",
        isolated: "serve",
        seed: new Uint8Array(32),
        bgpBfdSeed: new Uint8Array(32),
        membership,
        ...settings,
      },
      clock,
      post: (message) => void posted.push(structuredClone(message)),
      openInterface: (index, frame, gone) => {
        opened.push(index);
        onFrame = frame;
        onGone = gone;
        return ok({
          send: (octets, protocol) => void frames.push(`${protocol} ${octets.length}`),
          join: (group) => void groups.add(group),
          leave: (group) => void groups.delete(group),
          discard() {},
          close: () => void closed.push("interface"),
        });
      },
      openMembershipSocket: (): Result<{ send: () => void; close: () => void }, SystemError> =>
        bench.membershipFailure === null
          ? ok({ send: () => void datagrams++, close: () => void closed.push("membership") })
          : err({ syscall: "bind", code: bench.membershipFailure, errno: 99 }),
      openBfdSocket: () => ok({ send() {}, close() {} }),
      openRouterDiscovery: () => err({ syscall: "if_nametoindex", code: "ENODEV", errno: 19 }),
      openBgpBfdSocket: ({ port }) => ok({ send() {}, close: () => void closed.push(`BFD ${port}`) }),
      interfaceIndex: () => null,
      watchInterfaces: (each) => {
        observer = each;
        return ok(undefined);
      },
    }),
    takeFrames() {
      const taken = frames;
      frames = [];
      return taken;
    },
    frame: (octets) => onFrame(octets),
    interfaces: (all) => observer?.onChange(all),
    netlinkFails: (error) => observer?.onError(error),
    goneInterface: () => onGone(),
  };
  return bench;
}

/** A worker that announces ADDRESS on eth0 because it waited for others in vain. */
export function announcing(): Bench {
  const bench = createBench();
  bench.worker.start();
  bench.interfaces([eth0, { ...eth0, index: 3, name: "veth3" }]);
  bench.worker.receive({ type: "AnnouncementRequested", request });
  bench.worker.receive({ type: "PeersDesired", peers: [bind, other] });
  bench.clock.advanceBy(2_500);
  bench.clock.advanceBy(5_000);
  bench.takeFrames();
  return bench;
}
