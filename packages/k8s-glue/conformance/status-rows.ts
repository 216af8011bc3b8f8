import { wantedServiceBGPStatus, wantedServiceL2Status } from "@herald-lb/k8s-glue/announce";
import {
  type Component,
  type ConfigIssue,
  configurationStateObject,
  type ConfigurationStateStatus,
  customResourceDefinitions,
  issuesByObject,
  objectId,
  programmedOf,
  readConfiguration,
  wantedConfigStatus,
  wantedConfigurationState,
} from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { advertisement, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const owner = { apiVersion: "v1", kind: "Pod", name: "speaker-x", uid: "u" };
const announced = { namespace: "metallb-system", node: "n", serviceNamespace: "d", serviceName: "s", owner };
const labels = { "metallb.io/node": "n", "metallb.io/service-name": "s", "metallb.io/service-namespace": "d" };
const who = { node: "n", serviceName: "s", serviceNamespace: "d" };
const speaker: Component = { type: "speaker", node: "n" };

const issuesOf = (...objects: readonly KubernetesObject[]): readonly ConfigIssue[] => readConfiguration(objects).issues;

function stateOf(
  component: Component,
  issues: readonly ConfigIssue[],
  live: KubernetesObject | null = null,
  now = "2026-01-01T00:00:00Z",
): ConfigurationStateStatus {
  return wantedConfigurationState({ component, namespace: "metallb-system", issues, live, now }).status;
}

/** The conditions of each object, "kind type status reason" a line. */
function conditionsOf(...objects: readonly KubernetesObject[]): readonly string[] {
  const configuration = readConfiguration(objects);
  const byObject = issuesByObject(configuration.issues);
  return configuration.objects.flatMap((ref) => {
    const effect = programmedOf(ref, configuration, []);
    const issues = byObject.get(objectId(ref)) ?? [];
    const { status } = wantedConfigStatus({ object: ref, live: null, issues, effect, now: "2026-01-01T00:00:00Z" });
    return (status.conditions ?? []).map((each) => `${ref.kind} ${each.type} ${each.status} ${each.reason}`);
  });
}

const cause = { reason: "Started", previous: null, detectedBy: [] };
const facts = { addresses: [], interfaces: "all" as const, cause };

/** §2.7: the kinds that say what is. */
export const statusRows: readonly ConformanceRow[] = [
  {
    section: "§2.7",
    row: "ServiceL2Status",
    case: "fields, labels, owner",
    verdict: "same",
    why: "",
    check: () => {
      const addresses = ["192.0.2.1"];
      const { metadata, status } = wantedServiceL2Status(announced, { addresses, interfaces: ["b", "a"], cause });
      expect(metadata).toMatchObject({ namespace: "metallb-system", labels, ownerReferences: [owner] });
      expect(status).toMatchObject({ ...who, addresses, interfaces: [{ name: "a" }, { name: "b" }] });
      expect(wantedServiceL2Status(announced, { addresses, interfaces: "all", cause }).status.interfaces).toEqual([]);
    },
  },
  {
    section: "§2.7",
    row: "ServiceL2Status",
    case: "name",
    verdict: "better",
    why: "named by Service and node instead of at random, so that a restart finds its own and leaves none behind",
    check: () => {
      expect(wantedServiceL2Status(announced, facts).metadata.name).toBe("l2-d.s.n");
      const other = { ...announced, serviceNamespace: "d.s", serviceName: "n" };
      expect(wantedServiceL2Status(other, facts).metadata.name).not.toBe("l2-d.s.n");
    },
  },
  {
    section: "§2.7",
    row: "ServiceL2Status",
    case: "each immutable",
    verdict: "same",
    why: "",
    check: () => {
      const text = JSON.stringify(customResourceDefinitions().get("servicel2statuses"));
      expect(text.match(/"rule":"self == oldSelf"/g)).toHaveLength(3);
    },
  },
  {
    section: "§2.7",
    row: "ServiceBGPStatus",
    verdict: "same",
    why: "",
    check: () => {
      const { metadata, status } = wantedServiceBGPStatus(announced, ["r2", "r1"]);
      expect(metadata).toMatchObject({ name: "bgp-d.s.n", labels, ownerReferences: [owner] });
      expect(status).toEqual({ ...who, peers: ["r1", "r2"] });
    },
  },
  {
    section: "§2.7",
    row: "ConfigurationState",
    case: "names, labels, owner",
    verdict: "same",
    why: "",
    check: () => {
      expect(configurationStateObject(speaker, "metallb-system", owner).metadata).toEqual({
        name: "speaker-n",
        namespace: "metallb-system",
        labels: { "metallb.io/component-type": "speaker", "metallb.io/node-name": "n" },
        ownerReferences: [owner],
      });
      expect(configurationStateObject({ type: "controller" }, "metallb-system", owner).metadata).toMatchObject({
        name: "controller",
        labels: { "metallb.io/component-type": "controller" },
      });
    },
  },
  {
    section: "§2.7",
    row: "ConfigurationState",
    case: "Valid and Invalid",
    verdict: "same",
    why: "",
    check: () => {
      const bad = issuesOf(pool("p", ["x"]), peer({ myASN: 0 }, "q"));
      expect(stateOf(speaker, bad)).toEqual({
        result: "Invalid",
        errorSummary: [
          'IPAddressPool p: spec.addresses[0]: "x" is neither a block, for example 192.0.2.0/24, nor a range',
          "IPAddressPool p: spec.addresses: pool has no addresses",
          "BGPPeer q: spec.myASN: myASN is missing: set the AS number of the nodes",
        ].join("\n"),
        conditions: [
          expect.objectContaining({ type: "configReconcilerValid", status: "False", reason: "ConfigurationError" }),
        ],
      });
      expect(stateOf(speaker, [])).toMatchObject({
        result: "Valid",
        errorSummary: "",
        conditions: [{ type: "configReconcilerValid", status: "True", reason: "Reconciled" }],
      });
      expect(stateOf({ type: "controller" }, bad)).toMatchObject({
        result: "Invalid",
        conditions: [{ type: "poolReconcilerValid", status: "False", reason: "ConfigurationError" }],
      });
      // The controller goes by pools and communities alone.
      expect(stateOf({ type: "controller" }, issuesOf(peer({ myASN: 0 })))).toMatchObject({ result: "Valid" });
    },
  },
  {
    section: "§2.7",
    row: "ConfigurationState",
    case: "Unknown",
    verdict: "not applicable",
    why: "reading the configuration does no input or output that could fail for a reason of its own; before the first lists nothing is written",
    check: null,
  },
  {
    section: "§2.7",
    row: "ConfigurationState",
    case: 'lastTransitionTime is always "now"',
    verdict: "better",
    why: "it is the time of the transition, so that an unchanged state is not written",
    check: () => {
      const [first, next] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"];
      const live = { status: stateOf(speaker, [], null, first) } as KubernetesObject;
      expect(stateOf(speaker, [], live, next)).toEqual(stateOf(speaker, [], null, first));
      const turned = stateOf(speaker, issuesOf(peer({ myASN: 0 })), live, next);
      expect(turned.conditions).toMatchObject([{ status: "False", lastTransitionTime: next }]);
    },
  },
  {
    section: "§2.7",
    row: "IPAddressPool",
    verdict: "better",
    why: "conditions beside the counters; who holds what is in the annotation of each Service, and explain tells who holds an address",
    check: () => {
      expect(conditionsOf(pool("p", ["192.0.2.0/24"]))).toEqual([
        "IPAddressPool Accepted True Accepted",
        "IPAddressPool Programmed True Allocating",
      ]);
    },
  },
  {
    section: "§2.7",
    row: "FRRConfiguration, FRRNodeState, BGPSessionState, FRRK8sConfiguration",
    verdict: "not applicable",
    why: "the speaker speaks BGP itself: there is no FRR to be configured",
    check: null,
  },
  {
    section: "§2.7",
    row: "kinds without a status",
    verdict: "better",
    why: "each has the conditions Accepted and Programmed, which name the field at fault; a BGPPeer also has Established, which counts its sessions and names the nodes that have none",
    check: () => {
      const good = [object("L2Advertisement", "a", {}), advertisement({}, "b"), peer({}, "c")];
      const others = [object("BFDProfile", "d", {}), object("Community", "e", {}), pool("p", ["192.0.2.0/24"])];
      expect(conditionsOf(...good, ...others)).toEqual([
        "L2Advertisement Accepted True Accepted",
        "L2Advertisement Programmed True PoolsSelected",
        "BGPAdvertisement Accepted True Accepted",
        "BGPAdvertisement Programmed True PoolsSelected",
        "BGPPeer Accepted True Accepted",
        "BGPPeer Programmed True NodesSelected",
        "BFDProfile Accepted True Accepted",
        "BFDProfile Programmed False NotUsed",
        "Community Accepted True Accepted",
        "Community Programmed True Accepted",
        "IPAddressPool Accepted True Accepted",
        "IPAddressPool Programmed True Allocating",
      ]);
    },
  },
  {
    section: "§2.7",
    row: "use of an object",
    verdict: "better",
    why: "Programmed says so: a pool that no Service may use or no advertisement selects, an advertisement of no pool, to no peer or from no node, a peer of no node",
    check: () => {
      expect(conditionsOf(object("L2Advertisement", "a", { ipAddressPools: ["none"] }))).toEqual([
        "L2Advertisement Accepted True Accepted",
        "L2Advertisement Programmed False NoPoolSelected",
      ]);
      expect(conditionsOf(advertisement({ peers: ["none"] }), pool("p", ["192.0.2.0/24"])).slice(0, 2)).toEqual([
        "BGPAdvertisement Accepted True Accepted",
        "BGPAdvertisement Programmed False NoPeerSelected",
      ]);
      expect(conditionsOf(peer({ myASN: 0 }))).toEqual([
        "BGPPeer Accepted False BadAsn",
        "BGPPeer Programmed False NotAccepted",
      ]);
    },
  },
];
