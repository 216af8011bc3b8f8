import { Namespace, type Scope } from "@herald-lb/lab";

/** Builds a bridge in a namespace of its own, and a namespace for each host from 1 to `hosts`, whose address is 192.0.2.N. */
export async function createSegment(scope: Scope, hosts: number): Promise<ReadonlyMap<number, Namespace>> {
  const hub = await Namespace.create(scope, "ring-hub");
  await hub.addBridge("br0");
  const namespaces = new Map<number, Namespace>();
  for (let host = 1; host <= hosts; host++) {
    const namespace = await Namespace.create(scope, `ring-${host}`);
    const end = { interface: "eth0", addresses: [`192.0.2.${host}/24`] };
    await namespace.connect(end, { namespace: hub, name: "br0", port: `p${host}` });
    namespaces.set(host, namespace);
  }
  return namespaces;
}
