import { anySelectorMatches, type NamespaceLabels, type ObjectRef } from "@herald-lb/k8s-glue/objects";
import type {
  AdvertisementScope,
  BgpPeerConfiguration,
  Configuration,
  PoolConfiguration,
  Selectors,
} from "../config/configuration.ts";
import { advertisesPool } from "../config/scope.ts";
import type { WantedCondition } from "./transition.ts";

/** The effect of a configuration object at present, and why it has none. */
export interface ProgrammedState {
  readonly programmed: boolean;
  /** The reason of the condition, one word. */
  readonly reason: string;
  /** Text for users; empty where the reason says all. */
  readonly message: string;
}

/** The part of a Node that selectors look at. */
export interface LabelledNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The maximum number of names in a message; of more, their number is given. */
const MOST_NAMES = 10;

/**
 * Finds the effect of an object in the present cluster. While no Nodes are known (the list is empty), node selectors count as
 * matching, and so do namespace selectors while no namespaces are known.
 */
export function programmedOf(
  object: ObjectRef,
  configuration: Configuration,
  nodes: readonly LabelledNode[],
  namespaces: NamespaceLabels = new Map(),
): ProgrammedState {
  const isIt = (each: { readonly object: ObjectRef }): boolean => each.object.name === object.name;
  switch (object.kind) {
    case "IPAddressPool":
      return ofServing(configuration.pools.find(isIt), (pool) => poolProgramming(pool, configuration, namespaces));
    case "L2Advertisement":
      return ofServing(configuration.l2Advertisements.find(isIt), (each) =>
        scopeProgramming(each, configuration, nodes),
      );
    case "BGPAdvertisement":
      return ofServing(configuration.bgpAdvertisements.find(isIt), (each) =>
        peersProgramming(each.peers, configuration.bgpPeers, () => scopeProgramming(each, configuration, nodes)),
      );
    case "BGPPeer":
      return ofServing(configuration.bgpPeers.find(isIt), ({ nodeSelectors }) =>
        selectsAny(nodeSelectors, nodes) ? yes("NodesSelected") : no("NoNodeSelected", "no Node matches nodeSelectors"),
      );
    case "BFDProfile":
      return ofServing(configuration.bfdProfiles.find(isIt), ({ name }) =>
        profileProgramming(configuration.bgpPeers.filter(({ bfdProfile }) => bfdProfile === name)),
      );
    default: {
      const rejected = configuration.issues.some((issue) => issue.effect === "Rejected" && refersTo(issue, object));
      return rejected ? notAccepted : yes("Accepted");
    }
  }
}

/** The condition `Programmed`. */
export function programmedCondition(
  { programmed, reason, message }: ProgrammedState,
  observedGeneration: number,
): WantedCondition {
  return { type: "Programmed", status: programmed ? "True" : "False", reason, message, observedGeneration };
}

const notAccepted: ProgrammedState = no("NotAccepted", "");

function ofServing<Read>(read: Read | undefined, programming: (read: Read) => ProgrammedState): ProgrammedState {
  return read === undefined ? notAccepted : programming(read);
}

/** The effect of a pool. One that no advertisement selects still assigns addresses; the message says so. */
function poolProgramming(
  pool: PoolConfiguration,
  { l2Advertisements, bgpAdvertisements }: Configuration,
  namespaces: NamespaceLabels,
): ProgrammedState {
  if (isClosed(pool, namespaces)) {
    return no("NoNamespaceSelected", "serviceAllocation names or selects no Namespace: no service may use the pool");
  }
  const advertised = [...l2Advertisements, ...bgpAdvertisements].some((each) => advertisesPool(each, pool));
  return yes(
    "Allocating",
    advertised ? "" : "no advertisement selects the pool: its addresses are assigned, but no node announces them",
  );
}

function isClosed({ allocation }: PoolConfiguration, known: NamespaceLabels): boolean {
  if (allocation === null || known.size === 0) return false;
  const { namespaces, namespaceSelectors } = allocation;
  if (namespaces.length === 0 && namespaceSelectors.length === 0) return false;
  if (namespaces.some((name) => known.has(name))) return false;
  return ![...known.values()].some((labels) => anySelectorMatches(namespaceSelectors, labels));
}

function scopeProgramming(
  scope: AdvertisementScope,
  { pools }: Configuration,
  nodes: readonly LabelledNode[],
): ProgrammedState {
  const selected = pools.filter((pool) => advertisesPool(scope, pool)).map(({ pool }) => pool.name);
  if (selected.length === 0) return no("NoPoolSelected", "the advertisement names or selects no valid IPAddressPool");
  if (!selectsAny(scope.nodeSelectors, nodes)) return no("NoNodeSelected", "no Node matches nodeSelectors");
  return yes("PoolsSelected", `IPAddressPools: ${namesText(selected)}`);
}

function profileProgramming(users: readonly BgpPeerConfiguration[]): ProgrammedState {
  if (users.length === 0) return no("NotUsed", "no valid BGPPeer names the profile");
  return yes("Used", `BGPPeers: ${namesText(users.map(({ name }) => name))}`);
}

function namesText(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function peersProgramming(
  names: readonly string[] | null,
  peers: readonly BgpPeerConfiguration[],
  otherwise: () => ProgrammedState,
): ProgrammedState {
  const selected = peers.some(({ name }) => names === null || names.includes(name));
  if (selected) return otherwise();
  return no(
    "NoPeerSelected",
    names === null ? "there is no valid BGPPeer" : "the advertisement names no valid BGPPeer",
  );
}

function selectsAny(selectors: Selectors, nodes: readonly LabelledNode[]): boolean {
  return selectors === null || nodes.length === 0 || nodes.some(({ labels }) => anySelectorMatches(selectors, labels));
}

function refersTo(issue: { readonly object: ObjectRef }, { kind, name }: ObjectRef): boolean {
  return issue.object.kind === kind && issue.object.name === name;
}

function yes(reason: string, message = ""): ProgrammedState {
  return { programmed: true, reason, message };
}

function no(reason: string, message: string): ProgrammedState {
  return { programmed: false, reason, message };
}
