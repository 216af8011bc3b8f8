import { Counter, Gauge, type Registry } from "prom-client";
import type { BgpBfdFigures } from "./bgp-bfd.ts";

/** MetalLB's counters of BFD with routers. Herald has no Echo packets, and no zebra to notify. */
const COUNTERS: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (session: BgpBfdFigures) => number;
}[] = [
  {
    name: "metallb_bfd_control_packet_input",
    help: "BFD Control packets taken from the router.",
    value: ({ packetsReceived }) => packetsReceived,
  },
  {
    name: "metallb_bfd_control_packet_output",
    help: "BFD Control packets sent to the router.",
    value: ({ packetsSent }) => packetsSent,
  },
  { name: "metallb_bfd_echo_packet_input", help: "BFD Echo packets received: Herald takes none.", value: () => 0 },
  { name: "metallb_bfd_echo_packet_output", help: "BFD Echo packets sent: Herald sends none.", value: () => 0 },
  {
    name: "metallb_bfd_session_up_events",
    help: "Times that the BFD session with the router came up.",
    value: ({ ups }) => ups,
  },
  {
    name: "metallb_bfd_session_down_events",
    help: "Times that the BFD session with the router was up and ended.",
    value: ({ downs }) => downs,
  },
];
const labelNames: readonly ("peer" | "vrf")[] = ["peer", "vrf"];

/** Adds the metrics of BFD with routers, under MetalLB's names and labels; every scrape calls `sessions`. */
export function addBfdMetrics(registry: Registry, sessions: () => readonly BgpBfdFigures[]): void {
  const registers = [registry];
  const labelsOf = ({ remote, vrf }: BgpBfdFigures): Record<"peer" | "vrf", string> => ({
    peer: remote,
    vrf: vrf ?? "default",
  });
  const up: Gauge<"peer" | "vrf"> = new Gauge({
    name: "metallb_bfd_session_up",
    help: "1 while the BFD session with the router is up.",
    labelNames,
    registers,
    collect() {
      up.reset();
      for (const session of sessions()) up.set(labelsOf(session), session.state === "Up" ? 1 : 0);
    },
  });
  for (const { name, help, value } of COUNTERS) {
    const counter: Counter<"peer" | "vrf"> = new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        counter.reset();
        for (const session of sessions()) counter.inc(labelsOf(session), value(session));
      },
    });
  }
}
