import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AdmissionRequest, readAdmissionReview } from "./admission-review.ts";
import { kindsReviewedWith, reviewAdmission } from "./review.ts";

const NAMESPACE = "metallb-system";

interface Made extends KubernetesObject {
  readonly kind: string;
  readonly spec: object;
  readonly metadata: NonNullable<KubernetesObject["metadata"]> & { readonly name: string };
}

/** An object; `age` is its rank by creation, null for one that is being created. */
function made(kind: string, name: string, spec: object, age: number | null = 1, metadata: object = {}): Made {
  return {
    apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
    kind,
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `${kind}-${name}`,
      ...(age === null ? {} : { creationTimestamp: `2026-01-01T00:00:${String(age).padStart(2, "0")}Z` }),
      ...metadata,
    },
    spec,
  };
}

const pool = (name: string, addresses: readonly string[], age: number | null = 1, more: object = {}): Made =>
  made("IPAddressPool", name, { addresses, ...more }, age);
const peer = (name: string, more: object = {}, age: number | null = 1): Made =>
  made("BGPPeer", name, { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...more }, age);
const bgp = (name: string, spec: object = {}, age: number | null = 1): Made =>
  made("BGPAdvertisement", name, spec, age);
const community = (name: string, names: Readonly<Record<string, string>>, age: number | null = 1): Made =>
  made(
    "Community",
    name,
    { communities: Object.entries(names).map(([alias, value]) => ({ name: alias, value })) },
    age,
  );

function create(object: Made): AdmissionRequest {
  const { kind, metadata } = object;
  return {
    uid: "u",
    operation: "CREATE",
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    object,
    oldObject: null,
  };
}

function update(before: Made, after: Made): AdmissionRequest {
  return { ...create(after), operation: "UPDATE", oldObject: before };
}

function remove(object: Made): AdmissionRequest {
  return { ...create(object), operation: "DELETE", object: null, oldObject: object };
}

/** The live objects that the question needs, out of all. */
function answer(
  request: AdmissionRequest,
  live: readonly Made[] = [],
): { denied: string | null; warnings: readonly string[] } {
  const kinds = kindsReviewedWith(request);
  const response = reviewAdmission(
    request,
    live.filter(({ kind }) => kinds.includes(kind)),
    NAMESPACE,
  );
  expect(response.uid).toBe("u");
  expect(response.allowed).toBe(response.status === undefined);
  if (response.status !== undefined) expect(response.status).toMatchObject({ code: 403, reason: "Forbidden" });
  return { denied: response.status?.message ?? null, warnings: response.warnings ?? [] };
}

describe("what is denied", () => {
  it.each([
    {
      name: "an address that is none",
      object: pool("a", ["192.0.2.0/24", "192.0.2.300"], null),
      denied: /^spec\.addresses\[1\]: /,
    },
    {
      name: "every wrong field, not the first",
      object: pool("a", ["x", "y"], null),
      denied: /spec\.addresses\[0\]: .*; spec\.addresses\[1\]: /,
    },
    {
      name: "a pool that overlaps one that is there",
      object: pool("b", ["192.0.2.128-192.0.2.200"], null),
      live: [pool("a", ["192.0.2.0/24"])],
      denied: /^spec\.addresses\[0\]: "192\.0\.2\.128-192\.0\.2\.200" overlaps pool "a"/,
    },
    {
      name: "a pool that overlaps itself",
      object: pool("a", ["192.0.2.0/24", "192.0.2.1/32"], null),
      denied: /overlaps/,
    },
    {
      name: "a namespace twice",
      object: pool("a", ["192.0.2.0/24"], null, { serviceAllocation: { namespaces: ["x", "x"] } }),
      denied: /^spec\.serviceAllocation\.namespaces\[1\]: "x" appears twice$/,
    },
    {
      name: "a pool too small for how an advertisement aggregates it",
      object: pool("a", ["192.0.2.0/28"], null),
      live: [bgp("ad", { aggregationLength: 24 })],
      denied: /^BGPAdvertisement "ad": spec\.aggregationLength: /,
    },
    {
      name: "an aggregation that reaches beyond a pool",
      object: bgp("ad", { aggregationLength: 24 }, null),
      live: [pool("a", ["192.0.2.0/28"])],
      denied: /^spec\.aggregationLength: /,
    },
    {
      name: "an aggregation longer than an address",
      object: bgp("ad", { aggregationLength: 33 }, null),
      denied: /^spec\.aggregationLength: /,
    },
    {
      name: "a peer of an advertisement twice",
      object: bgp("ad", { peers: ["p", "p"] }, null),
      denied: /^spec\.peers\[1\]: "p" appears twice$/,
    },
    {
      name: "a community that is none",
      object: bgp("ad", { communities: ["1:2:3"] }, null),
      denied: /^spec\.communities\[0\]: /,
    },
    {
      name: "a pool twice in an L2Advertisement",
      object: made("L2Advertisement", "l2", { ipAddressPools: ["a", "a"] }, null),
      denied: /^spec\.ipAddressPools\[1\]: "a" appears twice$/,
    },
    {
      name: "a selector that selects nothing that could be",
      object: made(
        "L2Advertisement",
        "l2",
        { nodeSelectors: [{ matchExpressions: [{ key: "k", operator: "In" }] }] },
        null,
      ),
      denied: /^spec\.nodeSelectors\[0\]\./,
    },
    { name: "a peer without an address", object: peer("p", { peerAddress: "" }, null), denied: /^spec\.peerAddress: / },
    {
      name: "a peer at no address",
      object: peer("p", { peerAddress: "no.such" }, null),
      denied: /^spec\.peerAddress: /,
    },
    {
      name: "a router id of IPv6, over which MetalLB panics",
      object: peer("p", { routerID: "2001:db8::1" }, null),
      denied: /^spec\.routerID: /,
    },
    {
      name: "a bad peer behind disableMP, which MetalLB lets through",
      object: peer("p", { myASN: 0, disableMP: true }, null),
      denied: /^spec\.myASN: /,
    },
    {
      name: "a password twice",
      object: peer("p", { password: "x", passwordSecret: { name: "s" } }, null),
      denied: /^spec\.password/,
    },
    {
      name: "a name of a community that another object gives",
      object: community("b", { blackhole: "65535:667" }, null),
      live: [community("a", { blackhole: "65535:666" })],
      denied: /^spec\.communities\[0\]\.name: name "blackhole" belongs to Community object "a" already$/,
    },
    {
      name: "a name for no community",
      object: community("a", { x: "y" }, null),
      denied: /^spec\.communities\[0\]\.value: /,
    },
    {
      name: "a peer that is the same session as another",
      object: peer("q", {}, null),
      live: [peer("p")],
      denied: /^spec: peer "p"/,
    },
    {
      name: "another local preference than that of an advertisement of the same pool",
      object: bgp("second", { localPref: 200 }, null),
      live: [bgp("first", { localPref: 100 }), pool("a", ["192.0.2.0/24"])],
      denied: /^spec\.localPref: /,
    },
    {
      name: "a multiplier beyond its range",
      object: made("BFDProfile", "b", { detectMultiplier: 1 }, null),
      denied: /^spec\.detectMultiplier: /,
    },
  ])("on creation: $name", ({ object, live = [], denied }) => {
    expect(answer(create(object), live).denied).toMatch(denied);
  });

  it("creation in another namespace, before anything is looked at", () => {
    const object = made("IPAddressPool", "a", { addresses: [] }, null, { namespace: "default" });
    expect(answer(create(object)).denied).toBe(`resource must be created in ${NAMESPACE} namespace`);
  });

  it("a change by which an older pool grows into a younger, which is the one to suffer", () => {
    const [before, after] = [pool("a", ["192.0.2.0/25"], 1), pool("a", ["192.0.2.0/24"], 1)];
    const live = [before, pool("b", ["192.0.2.128/25"], 2)];
    expect(answer(update(before, after), live).denied).toMatch(/^IPAddressPool "b": spec\.addresses\[0\]: /);
  });

  it("a change of labels by which an advertisement gets a pool that it cannot aggregate", () => {
    const selector = { ipAddressPoolSelectors: [{ matchLabels: { use: "bgp" } }], aggregationLength: 24 };
    const before = pool("a", ["192.0.2.0/28"]);
    const after = { ...before, metadata: { ...before.metadata, labels: { use: "bgp" } } };
    expect(answer(update(before, after), [before, bgp("ad", selector)]).denied).toMatch(/^BGPAdvertisement "ad"/);
  });

  it("deletion of a BFDProfile that peers name", () => {
    const profile = made("BFDProfile", "fast", {});
    const live = [
      peer("q", { bfdProfile: "fast" }),
      peer("p", { bfdProfile: "fast" }),
      peer("r", { bfdProfile: "slow" }),
    ];
    expect(answer(remove(profile), live).denied).toBe('BFDProfile "fast" is used by BGPPeer p, q');
  });
});

describe("what is allowed", () => {
  it.each([
    {
      name: "a sound pool beside another",
      request: create(pool("b", ["198.51.100.0/24", "2001:db8::/64"], null)),
      live: [pool("a", ["192.0.2.0/24"])],
    },
    {
      name: "a sound peer beside a broken one",
      request: create(peer("p", {}, null)),
      live: [peer("broken", { myASN: 0 })],
    },
    {
      name: "a sound pool beside two that overlap each other",
      request: create(pool("c", ["198.51.100.0/24"], null)),
      live: [pool("a", ["192.0.2.0/24"], 1), pool("b", ["192.0.2.0/24"], 2)],
    },
    {
      name: "a change that lessens an overlap of others",
      request: update(pool("a", ["192.0.2.0/24"], 1), pool("a", ["192.0.2.0/25"], 1)),
      live: [pool("a", ["192.0.2.0/24"], 1), pool("b", ["192.0.2.64/26", "192.0.2.128/25"], 2)],
    },
    {
      name: "deletion of a profile that nobody names",
      request: remove(made("BFDProfile", "fast", {})),
      live: [peer("p", { bfdProfile: "slow" })],
    },
    { name: "deletion of a pool", request: remove(pool("a", ["x"])), live: [] },
    {
      name: "a change in another namespace, of what was there before",
      request: { ...update(pool("a", ["x"]), pool("a", ["y"])), namespace: "default" },
      live: [],
    },
  ])("$name", ({ request, live }) => {
    expect(answer(request, live).denied).toBeNull();
  });

  it("an advertisement of what is there, without a word", () => {
    const live = [pool("a", ["192.0.2.0/24"]), peer("p"), community("c", { mine: "64500:1" })];
    const spec = { ipAddressPools: ["a"], peers: ["p"], communities: ["mine"] };
    expect(answer(create(bgp("ad", spec, null)), live)).toEqual({ denied: null, warnings: [] });
    const l2 = made("L2Advertisement", "l2", { ipAddressPools: ["a"] }, null);
    expect(answer(create(l2), live)).toEqual({ denied: null, warnings: [] });
    expect(answer(create(bgp("ad", { peers: ["later"] }, null))).warnings).toHaveLength(1);
  });

  it("a broken object loses its finalizer, and gets annotations", () => {
    const before = made("IPAddressPool", "a", { addresses: ["x"] }, 1, { finalizers: ["f"] });
    const without = made("IPAddressPool", "a", { addresses: ["x"] }, 1, { annotations: { seen: "yes" } });
    const leaving = made("IPAddressPool", "a", { addresses: ["y"] }, 1, { deletionTimestamp: "2026-01-02T00:00:00Z" });
    for (const after of [without, leaving]) {
      expect(kindsReviewedWith(update(before, after))).toEqual([]);
      expect(answer(update(before, after), [before])).toEqual({ denied: null, warnings: [] });
    }
    expect(answer(update(before, pool("a", ["y"])), [before]).denied).toMatch(/^spec\.addresses\[0\]: /);
  });

  it.each([
    {
      name: "BFD, which is not acted on yet",
      object: peer("p", { bfdProfile: "fast" }, null),
      warning: /^spec\.bfdProfile: /,
    },
    {
      name: "disableMP, which means nothing",
      object: peer("p", { disableMP: true }, null),
      warning: /^spec\.disableMP: /,
    },
    {
      name: "a VRF, which MetalLB takes where FRR speaks",
      object: peer("p", { vrf: "red" }, null),
      warning: /^spec\.vrf: /,
    },
    {
      name: "a community's name that may come later",
      object: bgp("ad", { communities: ["later"] }, null),
      warning: /^spec\.communities\[0\]: "later"/,
    },
  ])("with a warning: $name", ({ object, warning }) => {
    const { denied, warnings } = answer(create(object));
    expect(denied).toBeNull();
    expect(warnings.join("\n")).toMatch(warning);
  });

  it("warns in lines that the API server does not cut", () => {
    const many = Array.from({ length: 40 }, (_, at) => `${"n".repeat(250)}${at}`);
    const { warnings } = answer(create(bgp("ad", { communities: many }, null)));
    expect(warnings.length).toBeGreaterThan(0);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThanOrEqual(256);
    expect(warnings.join("").length).toBeLessThanOrEqual(4096);
  });
});

describe("any two pools", () => {
  const addresses = fc.array(
    fc.tuple(fc.nat(31), fc.nat(7)).map(([first, more]) => [first, first + more] as const),
    { minLength: 1, maxLength: 3 },
  );
  const text = ([first, last]: readonly [number, number]): string => `192.0.2.${first}-192.0.2.${last}`;

  it("the second is taken exactly if no address is in two entries", () => {
    fc.assert(
      fc.property(addresses, addresses, (one, two) => {
        const counts = new Map<number, number>();
        for (const [first, last] of two)
          for (let at = first; at <= last; at++) counts.set(at, (counts.get(at) ?? 0) + 1);
        const held = new Set(
          one.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
        );
        const clash = [...counts].some(([at, count]) => count > 1 || held.has(at));
        const { denied } = answer(create(pool("two", two.map(text), null)), [pool("one", one.map(text))]);
        expect(denied !== null).toBe(clash);
      }),
    );
  });
});

describe("readAdmissionReview", () => {
  const request = { uid: "u", operation: "CREATE", kind: { kind: "BGPPeer" }, namespace: "n", name: "x", object: {} };
  const body = (change: object): string =>
    JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { ...request, ...change } });

  it("reads what the API server sends", () => {
    expect(readAdmissionReview(body({ oldObject: null }))).toEqual({
      ok: true,
      value: { ...request, kind: "BGPPeer", oldObject: null },
    });
  });

  it.each([
    { name: "no JSON", text: "{" },
    { name: "a list", text: "[]" },
    { name: "another version", text: '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}' },
    { name: "no request", text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' },
    { name: "no uid", text: body({ uid: "" }) },
    { name: "an unknown operation", text: body({ operation: "LOOK" }) },
    { name: "no kind", text: body({ kind: "BGPPeer" }) },
    { name: "a number for a name", text: body({ name: 1 }) },
    { name: "a text for an object", text: body({ object: "x" }) },
    { name: "a list for an object", text: body({ object: [] }) },
    { name: "an object whose metadata is a number", text: body({ object: { metadata: 1 } }) },
  ])("refuses $name", ({ text }) => {
    expect(readAdmissionReview(text).ok).toBe(false);
  });

  it("never throws, and neither does the review of what it read", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          "IPAddressPool",
          "BGPPeer",
          "BGPAdvertisement",
          "Community",
          "L2Advertisement",
          "BFDProfile",
          "Else",
        ),
        fc.jsonValue(),
        (kind, spec) => {
          const object = {
            apiVersion: "metallb.io/v1beta1",
            kind,
            metadata: { name: "x", namespace: NAMESPACE },
            spec,
          };
          const read = readAdmissionReview(body({ kind: { kind }, namespace: NAMESPACE, object }));
          expect(read.ok).toBe(true);
          if (read.ok) expect(reviewAdmission(read.value, [], NAMESPACE).uid).toBe("u");
        },
      ),
    );
  });
});
