/**
 * Another host has the addresses that a Service is given from a pool with `onAddressConflict: Replace`. The time is printed.
 */
import { HERALD_NAMESPACE, type Lab, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RivalHost } from "./address-conflict/rival-host.ts";
import { conflictCondition } from "./address-conflict/conflict-condition.ts";
import { labAssets } from "./assets.ts";
import { segmentService } from "./failover/segment-service.ts";
import { addressesOf, untilAnswer } from "./lab-service.ts";

/** The first addresses of the lab's pool: the Service gets them first. */
const ADDRESSES: readonly string[] = ["192.0.2.200", "2001:db8:0:2::200"];
const assets = labAssets();

interface Conflict {
  readonly address: string;
}

describe.skipIf(assets === null)("an address that another host has, of a pool that replaces such", () => {
  const scope = new Scope();
  let lab: Lab;
  let rival: RivalHost;

  const untilAddress = (service: string): Promise<readonly string[]> =>
    until(`Service ${service} to have an address`, async () => {
      const now = await addressesOf(lab, service);
      return now.length > 0 && now;
    });
  const expose = (name: string): Promise<string> =>
    lab.cluster.kubectl(["create", "service", "loadbalancer", name, "--tcp=80:8080"]);

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    rival = await RivalHost.attach(scope, lab);
    for (const address of ADDRESSES) await rival.take(address);
    await lab.cluster.startWorkload({ app: "web" });
  });
  afterAll(() => scope.close());

  it("is left for others, which are announced, with an Event", async () => {
    const objects = segmentService("ipFamilyPolicy: RequireDualStack, ")
      .replace("[segment]}", "[segment], conflictPolicy: Probe}")
      .replace("spec: {addresses", "spec: {onAddressConflict: Replace, addresses");
    const at = Date.now();
    await lab.cluster.apply(objects);
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const replaced = await until("the Service to have other addresses", async () => {
      const now = await addressesOf(lab, "web");
      return now.length === ADDRESSES.length && now.every((address) => !ADDRESSES.includes(address)) && now;
    });
    for (const address of replaced) await untilAnswer(lab.topology.client, address);
    process.stderr.write(`Replace: other addresses given and answered ${Date.now() - at} ms after the Service came\n`);
    await until("an Event that names both addresses", async () => {
      const { items } = JSON.parse(await lab.cluster.kubectl(["get", "events", "-o", "json"])) as {
        readonly items: readonly Readonly<Record<"reason" | "message", string>>[];
      };
      const told = items.filter(({ reason }) => reason === "AddressReplaced").map(({ message }) => message);
      return [...ADDRESSES, ...replaced].every((address) => told.some((message) => message.includes(`"${address}"`)));
    });
    await until("no condition about a conflict", async () => (await conflictCondition(lab, "web")) === undefined);
  });

  it("is given to nobody until the host is gone, and then to the next", async () => {
    const replaced = await addressesOf(lab, "web");
    const at = Date.now();
    await until("the addresses to have been nobody's for five seconds", () => Date.now() - at > 5_000);
    const { items } = JSON.parse(
      await lab.cluster.kubectl(["get", "configurationstates", "-n", HERALD_NAMESPACE, "-o", "json"]),
    ) as { readonly items: readonly { readonly status: { readonly addressConflicts?: readonly Conflict[] } }[] };
    const reported = new Set(
      items.flatMap(({ status }) => status.addressConflicts ?? []).map(({ address }) => address),
    );
    expect(reported).toEqual(new Set(ADDRESSES));
    await expose("second");
    expect(ADDRESSES).not.toContain((await untilAddress("second"))[0]);
    for (const address of ADDRESSES) await rival.release(address);
    let count = 0;
    await until(
      "a new Service to have the address that the host had",
      async () => {
        const name = `later-${count++}`;
        await expose(name);
        return (await untilAddress(name))[0] === ADDRESSES[0];
      },
      { everyMs: 1_000 },
    );
    expect(await addressesOf(lab, "web")).toEqual(replaced);
  });
});
