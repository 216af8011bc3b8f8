import { type Lab, type LabHost, until } from "@herald-lb/lab";

/** The addresses in a Service's status, in its order; empty while there are none. */
export async function addressesOf(lab: Lab, service: string): Promise<readonly string[]> {
  const path = "jsonpath={.status.loadBalancer.ingress[*].ip}";
  const text = await lab.cluster.kubectl(["get", "service", service, "-o", path]);
  return text === "" ? [] : text.split(" ");
}

/** Waits until a Service holds as many addresses as `count`. */
export function untilAddresses(lab: Lab, service: string, count: number): Promise<readonly string[]> {
  return until(`${service} to hold ${count} addresses`, async () => {
    const addresses = await addressesOf(lab, service);
    return addresses.length === count && addresses;
  });
}

/** The answer of an address to an HTTP request of `host`: the Pod's name and the client's address as the pod saw it. */
export function untilAnswer(host: LabHost, address: string): Promise<{ readonly pod: string; readonly saw: string }> {
  const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
  return until(`an answer from ${url}`, async () => {
    const text = await host.namespace.run("curl", ["--silent", "--fail", "--max-time", "1", url]);
    const match = /^(\S+) saw (?:::ffff:)?(\S+)\n$/.exec(text);
    const [, pod, saw] = match ?? [];
    return pod !== undefined && saw !== undefined && { pod, saw };
  });
}
