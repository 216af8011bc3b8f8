import { annotated, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";

const team = (value: string): object => ({ namespaceSelectors: [{ matchLabels: { team: value } }] });
/** The fields of a pool for the Services of an application. */
export const app = (value: string): object => ({ serviceSelectors: [{ matchLabels: { app: value } }] });
/** The fields of a pool that serves only requests. */
export const manual: object = { autoAssign: false };

/** The pools that every case begins with. */
export const fixedPools: ReadonlyMap<string, ReturnType<typeof pool>> = new Map(
  [
    pool("a", ["192.0.2.0/31"]),
    pool("b", ["198.51.100.0/30"], manual),
    pool("c", ["2001:db8:c::/126"]),
    pool("d", ["203.0.113.0/30", "2001:db8:d::/126"]),
    pool("e", ["203.0.113.252/30"], { ...manual, avoidBuggyIPs: true }),
    pool("f", ["192.0.2.8/30"], { serviceAllocation: { namespaces: ["team-a"], priority: 20 } }),
    pool("g", ["192.0.2.16/30"], { serviceAllocation: { namespaces: ["team-a"], priority: 10 } }),
    pool("h", ["192.0.2.24/30"], { serviceAllocation: app("web") }),
    pool("i", ["192.0.2.32/30"], { serviceAllocation: { ...team("b"), priority: 5 } }),
    pool("j", ["192.0.2.40/30"], { serviceAllocation: team("none") }),
    pool("k", ["192.0.2.48/30"], { serviceAllocation: { namespaces: ["team-a"], ...app("db"), priority: 1 } }),
    pool("z", ["198.51.100.200/32"], manual),
  ].map((each) => [each.metadata?.name ?? "", each]),
);

/** The pools, some of them otherwise than `fixedPools` has them; null: not at all. */
export function poolsWith(
  changes: Readonly<Record<string, ReturnType<typeof pool> | null>>,
): readonly ReturnType<typeof pool>[] {
  return [...fixedPools].flatMap(([name, each]) => (changes[name] === null ? [] : [changes[name] ?? each]));
}

/** Labels of the namespaces that every case begins with. */
export const fixedNamespaces: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["default", {}],
  ["team-a", { team: "a" }],
  ["team-b", { team: "b" }],
]);

/** Services that are there all the time and never move. */
export const bystanders: readonly (readonly [key: string, fields: ServiceFields, ips: readonly string[]])[] = [
  ["default/first", { labels: { app: "x" }, annotations: annotated("loadBalancerIPs", "192.0.2.0") }, ["192.0.2.0"]],
  [
    "default/sharer",
    { annotations: { ...annotated("loadBalancerIPs", "198.51.100.200"), ...annotated("allow-shared-ip", "k") } },
    ["198.51.100.200"],
  ],
];
