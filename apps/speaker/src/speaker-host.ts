import type { WorkerHandle } from "@herald-lb/host";
import type { IpAddress, Ipv4Address } from "@herald-lb/sansio";
import type { connectToCollector } from "./bmp-collector.ts";
import type { createBgpConnections } from "./bgp-connections.ts";
import type { openMembershipStreams } from "./membership-streams.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./worker/protocol.ts";

/** The parts of the machine that a speaker uses beside the API server and the clock: `linux-host.ts` has the real ones. */
export interface SpeakerHost {
  /** Starts the worker thread. `onExit` gets 0 after an orderly stop, else the error that ended the thread. */
  readonly startWorker: (
    settings: WorkerSettings,
    onMessage: (message: FromWorker) => void,
    onExit: (code: number, error: Error | null) => void,
  ) => WorkerHandle<ToWorker>;
  readonly openBgpConnections: typeof createBgpConnections;
  readonly connectToCollector: typeof connectToCollector;
  readonly openMembershipStreams: typeof openMembershipStreams;
  /** The addresses of the node's default routers. */
  readonly readDefaultGateways: () => readonly IpAddress[];
  /** True for an address on a network that an interface of the node is on. */
  readonly isOnLink: (address: IpAddress) => boolean;
  /** The BGP Identifier of a node. */
  readonly routerIdentifier: (node: string) => Ipv4Address;
  /** A random number from 0 to below 1. */
  readonly random: () => number;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}
