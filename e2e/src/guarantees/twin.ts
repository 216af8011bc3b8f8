import { join } from "node:path";
import { BRIDGE, type Lab, type LabNode, Namespace, PLAN, type Scope } from "@herald-lb/lab";
import { speakerMetrics } from "../speaker-metrics.ts";

/** Builds one more machine on the segment, which is no Node of the cluster but takes the name of one; it has a kube-proxy as every node has. */
export async function buildTwin(scope: Scope, lab: Lab, node: LabNode, assets: string): Promise<LabNode> {
  const { segment, nodes, router } = lab.topology;
  const namespace = await Namespace.create(scope, "twin", { forwarding: true });
  const [ipv4, ipv6, mac] = [`${PLAN.segment4}.20`, `${PLAN.segment6}::20`, "02:00:5e:00:53:20"];
  const port = { interface: "eth0", addresses: [`${ipv4}/24`, `${ipv6}/64`], mac };
  await namespace.connect(port, { namespace: segment, name: BRIDGE, port: "p-twin" });
  await namespace.ip("route", "add", "default", "via", router.ipv4);
  for (const each of nodes) await namespace.ip("route", "add", each.pod.ipv4, "via", each.ipv4);
  const twin = { ...node, namespace, ipv4, ipv6, mac };
  lab.cluster.startKubeProxy(join(assets, "kube-proxy"), [twin]);
  return twin;
}

/** The number of messages of the membership that a node's speaker ignored for this reason. */
export async function ignoredMessages(lab: Lab, node: LabNode, reason: string): Promise<number> {
  const text = await speakerMetrics(lab, node);
  const value = new RegExp(`^herald_membership_ignored_total\\{.*reason="${reason}".*\\} (\\d+)$`, "m").exec(text)?.[1];
  return Number(value ?? 0);
}
