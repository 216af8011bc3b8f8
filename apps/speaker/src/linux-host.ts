import { readDefaultGateways, startWorker } from "@herald-lb/host";
import { connectToCollector } from "./bmp-collector.ts";
import { createBgpConnections } from "./bgp-connections.ts";
import { openMembershipStreams } from "./membership-streams.ts";
import { isOnLink } from "./on-link.ts";
import { routerIdentifier } from "./router-identifier.ts";
import type { SpeakerHost } from "./speaker-host.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

/** The speaker's host on Linux. `worker` is the module of the worker thread. */
export function linuxHost(worker: URL): SpeakerHost {
  return {
    startWorker: (settings, onMessage, onExit) =>
      startWorker<ToWorker, FromWorker>({ module: worker, data: settings, onMessage, onExit }),
    openBgpConnections: createBgpConnections,
    connectToCollector,
    openMembershipStreams,
    readDefaultGateways,
    isOnLink,
    routerIdentifier,
    random: Math.random,
    exit: (code) => process.exit(code),
  };
}
