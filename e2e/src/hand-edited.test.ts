import { Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TroubleCluster } from "./api-trouble/trouble-cluster.ts";

const NAMESPACE = "edited";
const MERGE = "application/merge-patch+json";
/** Well away from where addresses are given from. */
const FREE = "198.18.200.1";
const OUTSIDE = "203.0.113.9";
const POOL_ANNOTATION = "metallb.io/ip-allocated-from-pool";

interface Edited {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface SeenEvent {
  readonly involvedObject: { readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** A value that a user writes over the controller's, and the message that follows. */
interface Edit {
  readonly name: string;
  readonly patch: (other: string) => object;
  /** Of the Event; null where none is due. */
  readonly says: { readonly reason: string; readonly message: RegExp } | null;
}

const ingress = (...entries: readonly object[]): object => ({ status: { loadBalancer: { ingress: entries } } });

/** All of these end with what the Service held before. */
const RESTORED: readonly Edit[] = [
  {
    name: "an address of no pool",
    patch: () => ingress({ ip: OUTSIDE }),
    says: { reason: "StatusRestored", message: /203\.0\.113\.9 is in no pool/ },
  },
  {
    name: "another Service's address",
    patch: (other) => ingress({ ip: other }),
    says: { reason: "StatusRestored", message: /is held by "edited\/other"/ },
  },
  {
    name: "its own address and another beside it",
    patch: () => ingress({ ip: "198.18.0.1" }, { ip: FREE }),
    says: { reason: "StatusRestored", message: /198\.18\.200\.1/ },
  },
  { name: "a host name", patch: () => ingress({ hostname: "lb.example.org" }), says: null },
  { name: "nothing", patch: () => ({ status: { loadBalancer: null } }), says: null },
  {
    name: "another pool's name",
    patch: () => ({ metadata: { annotations: { [POOL_ANNOTATION]: "other" } } }),
    says: null,
  },
  { name: "no condition", patch: () => ({ status: { conditions: null } }), says: null },
];

describe("a Service whose status is edited by hand", () => {
  let scope: Scope;
  let cluster: TroubleCluster;
  let created = 0;
  let other = "";

  beforeAll(async () => {
    scope = new Scope();
    cluster = await TroubleCluster.start(scope);
    await cluster.createNamespace(NAMESPACE);
    other = await create("other");
  });
  afterAll(() => scope.close());

  const path = (name: string): string => `/api/v1/namespaces/${NAMESPACE}/services/${name}`;
  const read = async (name: string): Promise<Edited> => (await cluster.ask("GET", path(name))) as Edited;
  const edit = (name: string, patch: object): Promise<unknown> =>
    cluster.ask("PATCH", `${path(name)}/status`, patch, MERGE);
  const addressesIn = ({ status }: Edited): readonly string[] =>
    (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");

  async function events(name: string): Promise<readonly SeenEvent[]> {
    const { items } = (await cluster.ask("GET", `/api/v1/namespaces/${NAMESPACE}/events`)) as { items: SeenEvent[] };
    return items.filter(({ involvedObject }) => involvedObject.name === name);
  }

  async function create(name: string): Promise<string> {
    await cluster.ask("POST", `/api/v1/namespaces/${NAMESPACE}/services`, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
    });
    return untilHolding(name, (addresses) => addresses.length === 1);
  }

  /** Waits until the status is whole: the addresses that are wanted, the pool's name and the condition. */
  async function untilHolding(name: string, wanted: (addresses: readonly string[]) => boolean): Promise<string> {
    const service = await until(`${name} to hold what it shall`, async () => {
      const now = await read(name);
      const isWhole =
        now.metadata.annotations?.[POOL_ANNOTATION] === "wide" &&
        now.status?.conditions?.some(({ type }) => type === "herald-lb.io/LoadBalancerAddressAssigned") === true;
      return isWhole && wanted(addressesIn(now)) && now;
    }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(await read(name))}\n${cluster.said}`);
    });
    return addressesIn(service).join(" ");
  }

  it.each(RESTORED)("gets back what it was given instead of $name, and it is said why", async ({ patch, says }) => {
    const name = `restored-${++created}`;
    const address = await create(name);
    await edit(name, patch(other));
    expect(await untilHolding(name, (addresses) => addresses.join(" ") === address)).toBe(address);
    if (says !== null) {
      const event = await until(
        "the Event",
        async () => (await events(name)).find(({ reason }) => reason === says.reason) ?? null,
      );
      expect(event.message).toMatch(says.message);
      expect(event.message).toContain(address);
    }
    expect((await events(name)).filter(({ reason }) => reason === "IPAllocated")).toHaveLength(1);
    expect(addressesIn(await read("other"))).toEqual([other]);
    await cluster.ask("DELETE", path(name));
  });

  it("moves to an address that is free, and rests there", async () => {
    const name = `moved-${++created}`;
    await create(name);
    await edit(name, ingress({ ip: FREE }));
    expect(await untilHolding(name, (addresses) => addresses.join(" ") === FREE)).toBe(FREE);
    await cluster.ask("PATCH", path(name), { metadata: { labels: { looked: "at" } } }, MERGE);
    const again = await create(`after-${created}`);
    expect(again).not.toBe(FREE);
    expect(addressesIn(await read(name))).toEqual([FREE]);
    await cluster.ask("DELETE", path(name));
    await cluster.ask("DELETE", path(`after-${created}`));
  });

  it("moves to the address that it asks for as well", async () => {
    const name = `asked-${++created}`;
    await create(name);
    await edit(name, {
      metadata: { annotations: { "metallb.io/loadBalancerIPs": FREE } },
      ...ingress({ ip: FREE }),
    });
    expect(await untilHolding(name, (addresses) => addresses.join(" ") === FREE)).toBe(FREE);
    await cluster.ask("DELETE", path(name));
  });

  it("keeps, after a time without a controller, what is legal, and loses with the reason what is not", async () => {
    // Of two Services that were created in the same second the first by name counts as the older: "other" must be that one.
    const [legal, outside, doubled] = ["legal", "outside", "second"];
    const given = [await create(legal), await create(outside), await create(doubled)];
    await cluster.stopController();
    await edit(legal, ingress({ ip: FREE }));
    await edit(outside, ingress({ ip: OUTSIDE }));
    await edit(doubled, ingress({ ip: other }));
    await cluster.startController();
    const isGiven = (addresses: readonly string[]): boolean =>
      addresses.length === 1 && ![OUTSIDE, other, FREE].includes(addresses[0] ?? "");
    const replaced = [await untilHolding(outside, isGiven), await untilHolding(doubled, isGiven)];
    expect(await untilHolding(legal, (addresses) => addresses.length === 1)).toBe(FREE);
    expect(new Set([...replaced, FREE, other]).size).toBe(4);
    expect(addressesIn(await read("other"))).toEqual([other]);
    for (const [name, why] of [
      [outside, /203\.0\.113\.9 is in no pool/],
      [doubled, /is held by "edited\/other"/],
    ] as const) {
      const event = await until(
        "the Event",
        async () => (await events(name)).find(({ reason }) => reason === "ClearAssignment") ?? null,
      );
      expect(event.message).toMatch(why);
    }
    expect((await events(legal)).map(({ reason }) => reason)).toEqual(["IPAllocated"]);
    process.stdout.write(`given ${given.join(", ")}; after the edits ${FREE}, ${replaced.join(", ")}\n`);
  });
});
