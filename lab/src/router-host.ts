import { Namespace } from "./namespace.ts";
import type { Scope } from "./scope.ts";
import { BRIDGE, type LabHost, PLAN, type Topology } from "./topology.ts";

/** Builds a machine of its own for a router on the segment; `host` is the last part of its addresses. */
export async function addRouterHost(
  scope: Scope,
  { segment }: Topology,
  { label, host }: { readonly label: string; readonly host: number },
): Promise<LabHost> {
  const namespace = await Namespace.create(scope, label);
  const [ipv4, ipv6] = [`${PLAN.segment4}.${host}`, `${PLAN.segment6}::${host}`];
  await namespace.connect(
    { interface: "eth0", addresses: [`${ipv4}/24`, `${ipv6}/64`] },
    { namespace: segment, name: BRIDGE, port: `p-${label}` },
  );
  return { namespace, ipv4, ipv6 };
}
