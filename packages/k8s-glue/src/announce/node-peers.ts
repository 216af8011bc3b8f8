import type { PeerConfig } from "@herald-lb/bgp-speaker";
import {
  basicAuthPassword,
  type BgpPeerConfiguration,
  type ConfigIssue,
  type Configuration,
  selectsNode,
} from "@herald-lb/k8s-glue/metallb";
import type { Node, Secret } from "@herald-lb/k8s-glue/objects";

/** The BGP peers of a node with their passwords, and issues for the peers whose Secret cannot be used. */
export interface NodePeers {
  readonly peers: readonly PeerConfig[];
  readonly issues: readonly ConfigIssue[];
  /** By the name of a peer, the number of prefixes that it takes. Peers without an entry are not known to have a limit. */
  readonly maxPrefixesSent?: ReadonlyMap<string, number>;
}

/** The BGP peers of one node, by its labels. `secrets` are those of Herald's own namespace by name. */
export function nodePeers(
  configuration: Pick<Configuration, "bgpPeers">,
  node: Node,
  secrets: ReadonlyMap<string, Secret>,
): NodePeers {
  const peers: PeerConfig[] = [];
  const issues: ConfigIssue[] = [];
  for (const peer of configuration.bgpPeers.filter((each) => selectsNode(each, node))) {
    if (peer.passwordSecret === null) {
      peers.push(peer.password === null ? peer.config : { ...peer.config, password: peer.password });
    } else {
      const password = basicAuthPassword(secrets.get(peer.passwordSecret));
      if (password.ok) peers.push({ ...peer.config, password: password.value });
      else issues.push(secretIssue(peer, peer.passwordSecret, password.error));
    }
  }
  const limits = configuration.bgpPeers.flatMap(({ name, maxPrefixesSent }): readonly (readonly [string, number])[] =>
    maxPrefixesSent === null ? [] : [[name, maxPrefixesSent]],
  );
  return { peers, issues, ...(limits.length === 0 ? {} : { maxPrefixesSent: new Map(limits) }) };
}

function secretIssue({ object }: BgpPeerConfiguration, secret: string, reason: string): ConfigIssue {
  return {
    object,
    path: "spec.passwordSecret",
    code: "BadSecret",
    effect: "Rejected",
    message: `secret "${secret}" cannot be used: ${reason}`,
    facts: { secret, reason },
  };
}
