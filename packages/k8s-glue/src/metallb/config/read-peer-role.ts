import type { PeerConfig } from "@herald-lb/bgp-speaker";
import type { BGPPeerSpec } from "../crd/bgp-peer.ts";
import type { IssueCollector } from "./issue-collector.ts";

/** Reads the role of RFC 9234, which is for external peers. */
export function readPeerRole(spec: BGPPeerSpec, report: IssueCollector): Pick<PeerConfig, "role"> {
  const { role, strictRole = false, myASN, localASN = myASN, peerASN, dynamicASN } = spec;
  if (role === undefined) {
    if (strictRole)
      report.reject("spec.strictRole", "FieldConflict", "strictRole is set without role; set role as well");
    return {};
  }
  if (dynamicASN === "internal" || peerASN === localASN) {
    report.reject(
      "spec.role",
      "FieldConflict",
      "role is set for an internal peer; it is for external peers only, so remove it",
      { role },
    );
    return {};
  }
  return { role: { local: role, strict: strictRole } };
}
