import type { PeerConfig } from "@herald-lb/bgp-speaker";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import type { BGPPeerSpec } from "../crd/bgp-peer.ts";
import { MAX_RESTART_TIME, MAX_STALE_TIME } from "../crd/bgp-peer-restart.ts";
import type { IssueCollector } from "./issue-collector.ts";

/** The Restart Time of MetalLB's FRR, in seconds. */
const DEFAULT_RESTART_TIME = 120;

/** Reads the graceful restart of a BGPPeer. A time that cannot be read has no effect; the rest does. */
export function readGracefulRestart(
  { enableGracefulRestart, gracefulRestartTime, longLivedStaleTime }: BGPPeerSpec,
  report: IssueCollector,
): Pick<PeerConfig, "gracefulRestart"> {
  const restartTime = readSeconds("gracefulRestartTime", gracefulRestartTime, MAX_RESTART_TIME, report);
  const staleTime = readSeconds("longLivedStaleTime", longLivedStaleTime, MAX_STALE_TIME, report);
  if (enableGracefulRestart === true) {
    const time = restartTime ?? DEFAULT_RESTART_TIME;
    return { gracefulRestart: { restartTime: time, ...(staleTime === null ? {} : { staleTime }) } };
  }
  for (const [field, text] of Object.entries({ gracefulRestartTime, longLivedStaleTime })) {
    if (text === undefined) continue;
    const message = `${field} has no effect without enableGracefulRestart; set that as well, in a new BGPPeer, since it cannot be changed`;
    report.note(`spec.${field}`, "FieldConflict", message);
  }
  return {};
}

function readSeconds(field: string, text: string | undefined, maximum: number, report: IssueCollector): number | null {
  if (text === undefined) return null;
  const seconds = (parseGoDuration(text) ?? 0) / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maximum) return seconds;
  const message = `"${text}" is not whole seconds from 1s to ${maximum}s; Herald acts as if the field were absent`;
  report.partial(`spec.${field}`, "BadDuration", message, { text });
  return null;
}
