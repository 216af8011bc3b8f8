import { ConfigurationStateWriter, type ConfigurationWatch, type Logger, PacedWriter } from "@herald-lb/daemon";
import type { EventRecorder, Transport } from "@herald-lb/k8s-glue/client";
import type { ClusterFacts } from "@herald-lb/k8s-glue/ipam";
import type { SessionNode, SpeakerSessions } from "@herald-lb/k8s-glue/metallb";
import type { Clock } from "@herald-lb/sansio";
import { ConfigurationStatusWriter } from "./configuration-status-writer.ts";
import type { RecordedState } from "./recorded-state.ts";
import type { Term } from "./term.ts";

/** The parts that the reports of a term are written with. */
export interface TermReportOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly configuration: Pick<ConfigurationWatch, "current" | "object">;
  readonly nodes: () => readonly SessionNode[];
  readonly sessions: () => SpeakerSessions;
  readonly namespaces: () => ClusterFacts["namespaces"];
  readonly events: Pick<EventRecorder, "record">;
  readonly wallTime: () => string;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/**
 * The writer of a term's reports: the status of each configuration object, the controller's ConfigurationState, and the ConfigMap of
 * released addresses. Each is written only where it differs, soon after `touch`.
 */
export function createTermReports(
  term: Pick<Term, "ledger" | "releases">,
  { releaseConfigMap, owner }: Pick<RecordedState, "releaseConfigMap" | "owner">,
  options: TermReportOptions,
): PacedWriter {
  const { transport, clock, namespace, configuration, nodes, sessions, namespaces, events, wallTime, fence, log } =
    options;
  const { ledger } = term;
  const common = { transport, wallTime, fence, log };
  const status = new ConfigurationStatusWriter({
    ...common,
    configuration,
    ledger,
    nodes,
    sessions,
    namespaces,
    events,
  });
  const state = new ConfigurationStateWriter({ ...common, component: { type: "controller" }, namespace });
  return new PacedWriter(clock, async () => {
    const written = [
      await status.write(),
      await state.write(configuration.current().issues, owner),
      await releaseConfigMap.write(term.releases()),
    ];
    return written.every((isComplete) => isComplete);
  });
}
