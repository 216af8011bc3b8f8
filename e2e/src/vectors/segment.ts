import { Namespace, type Scope } from "@herald-lb/lab";

/** Two machines on one cable, 192.0.2.1 and 192.0.2.2, 2001:db8::1 and 2001:db8::2, with hardware addresses that end likewise. */
export async function connectTwo(scope: Scope, label: string): Promise<readonly [Namespace, Namespace]> {
  const one = await Namespace.create(scope, `${label}-1`);
  const two = await Namespace.create(scope, `${label}-2`);
  const port = (host: number): { interface: string; addresses: readonly string[]; mac: string } => ({
    interface: "eth0",
    addresses: [`192.0.2.${host}/24`, `2001:db8::${host}/64`],
    mac: `02:00:5e:00:53:0${host}`,
  });
  await one.connectTo(two, port(1), port(2));
  return [one, two];
}
