/** The shape that `check-imports` holds the tree to: which folder may import which, and what a pure folder may not name. */

/** A folder of the workspace and what it may reach. */
export interface Area {
  /** Files whose path begins so; the longest match decides. */
  readonly under: string;
  /** The package's name, for imports from elsewhere; null where nobody imports it. */
  readonly name: string | null;
  /** Pure areas name no clock, no randomness, no input or output. */
  readonly pure: boolean;
  /** Workspace packages it may import. */
  readonly workspace: readonly string[];
  /** Packages of the registry it may import; `*` for any. */
  readonly registry: readonly string[] | "*";
}

const PURE_PROTOCOLS: readonly string[] = [
  "@herald-lb/sansio",
  "@herald-lb/allocator",
  "@herald-lb/arp-responder",
  "@herald-lb/bgp-speaker",
  "@herald-lb/bfd",
  "@herald-lb/membership",
];

/** The floors of `k8s-glue`, each of which the check treats as a package. */
const GLUE: readonly string[] = [
  "@herald-lb/k8s-glue/objects",
  "@herald-lb/k8s-glue/client",
  "@herald-lb/k8s-glue/metallb",
  "@herald-lb/k8s-glue/ipam",
  "@herald-lb/k8s-glue/announce",
];

const EVERYTHING: readonly string[] = [
  ...PURE_PROTOCOLS,
  "@herald-lb/sansio/testing",
  ...GLUE,
  "@herald-lb/host",
  "@herald-lb/host/clock",
  "@herald-lb/daemon",
];

/** The arrows, one row a folder. */
export const AREAS: readonly Area[] = [
  { under: "packages/sansio/src/", name: "@herald-lb/sansio", pure: true, workspace: [], registry: ["ipaddr.js"] },
  {
    under: "packages/sansio/src/testing/",
    name: "@herald-lb/sansio/testing",
    pure: false,
    workspace: [],
    registry: ["fast-check"],
  },
  {
    under: "packages/allocator/src/",
    name: "@herald-lb/allocator",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: [],
  },
  {
    under: "packages/arp-responder/src/",
    name: "@herald-lb/arp-responder",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: ["@noble/hashes"],
  },
  {
    under: "packages/bgp-speaker/src/",
    name: "@herald-lb/bgp-speaker",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: [],
  },
  {
    under: "packages/bgp-speaker/src/testing/",
    name: "@herald-lb/bgp-speaker/testing",
    pure: true,
    workspace: ["@herald-lb/sansio/testing"],
    registry: [],
  },
  {
    under: "packages/bfd/src/",
    name: "@herald-lb/bfd",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: ["@noble/hashes"],
  },
  {
    under: "packages/membership/src/",
    name: "@herald-lb/membership",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: ["@noble/hashes", "@noble/ciphers"],
  },
  {
    under: "packages/k8s-glue/src/client/objects/",
    name: "@herald-lb/k8s-glue/objects",
    pure: true,
    workspace: ["@herald-lb/sansio"],
    registry: [],
  },
  {
    under: "packages/k8s-glue/src/client/",
    name: "@herald-lb/k8s-glue/client",
    pure: false,
    workspace: ["@herald-lb/sansio", "@herald-lb/k8s-glue/objects"],
    registry: ["@kubernetes/client-node"],
  },
  {
    under: "packages/k8s-glue/src/client/testing/",
    name: "@herald-lb/k8s-glue/testing",
    pure: false,
    workspace: ["@herald-lb/sansio", "@herald-lb/sansio/testing", "@herald-lb/k8s-glue/objects"],
    registry: [],
  },
  {
    under: "packages/k8s-glue/src/metallb/",
    name: "@herald-lb/k8s-glue/metallb",
    pure: true,
    workspace: ["@herald-lb/sansio", "@herald-lb/allocator", "@herald-lb/bgp-speaker", "@herald-lb/k8s-glue/objects"],
    registry: ["yaml", "zod"],
  },
  {
    under: "packages/k8s-glue/src/ipam/",
    name: "@herald-lb/k8s-glue/ipam",
    pure: true,
    workspace: [
      "@herald-lb/sansio",
      "@herald-lb/allocator",
      "@herald-lb/k8s-glue/objects",
      "@herald-lb/k8s-glue/metallb",
    ],
    registry: [],
  },
  {
    under: "packages/k8s-glue/src/announce/",
    name: "@herald-lb/k8s-glue/announce",
    pure: true,
    workspace: [
      "@herald-lb/sansio",
      "@herald-lb/arp-responder",
      "@herald-lb/bgp-speaker",
      "@herald-lb/k8s-glue/objects",
      "@herald-lb/k8s-glue/metallb",
    ],
    registry: [],
  },
  {
    under: "packages/k8s-glue/conformance/",
    name: null,
    pure: false,
    workspace: [...PURE_PROTOCOLS, "@herald-lb/sansio/testing", ...GLUE],
    registry: "*",
  },
  {
    under: "packages/host/src/",
    name: "@herald-lb/host",
    pure: false,
    workspace: ["@herald-lb/sansio"],
    registry: ["koffi"],
  },
  {
    under: "packages/daemon/src/",
    name: "@herald-lb/daemon",
    pure: false,
    workspace: [
      "@herald-lb/sansio",
      "@herald-lb/k8s-glue/objects",
      "@herald-lb/k8s-glue/client",
      "@herald-lb/k8s-glue/metallb",
    ],
    registry: ["@peculiar/x509", "pino", "prom-client", "reflect-metadata"],
  },
  {
    under: "apps/controller/src/",
    name: "@herald-lb/controller",
    pure: false,
    workspace: [
      "@herald-lb/sansio",
      "@herald-lb/allocator",
      "@herald-lb/k8s-glue/objects",
      "@herald-lb/k8s-glue/client",
      "@herald-lb/k8s-glue/metallb",
      "@herald-lb/k8s-glue/ipam",
      "@herald-lb/daemon",
      "@herald-lb/host/clock",
    ],
    registry: ["prom-client"],
  },
  {
    under: "apps/speaker/src/",
    name: "@herald-lb/speaker",
    pure: false,
    workspace: EVERYTHING.filter((name) => name !== "@herald-lb/sansio/testing"),
    registry: ["prom-client"],
  },
  {
    under: "apps/cli/src/",
    name: "@herald-lb/cli",
    pure: false,
    workspace: ["@herald-lb/sansio", "@herald-lb/k8s-glue/metallb"],
    registry: [],
  },
  { under: "lab/api-server/src/", name: "@herald-lb/api-server", pure: false, workspace: [], registry: ["yaml"] },
  {
    under: "lab/src/",
    name: "@herald-lb/lab",
    pure: false,
    workspace: [...EVERYTHING, "@herald-lb/api-server"],
    registry: "*",
  },
  {
    under: "e2e/src/",
    name: null,
    pure: false,
    workspace: [
      ...EVERYTHING,
      "@herald-lb/api-server",
      "@herald-lb/lab",
      "@herald-lb/controller",
      "@herald-lb/speaker",
    ],
    registry: "*",
  },
  {
    under: "bench/",
    name: null,
    pure: false,
    workspace: [...EVERYTHING, "@herald-lb/bgp-speaker/testing", "@herald-lb/lab"],
    registry: "*",
  },
  {
    under: "scripts/",
    name: null,
    pure: false,
    workspace: [...EVERYTHING, "@herald-lb/lab"],
    registry: "*",
  },
];

/** Registry packages that only one area may name, even where they are installed elsewhere. */
export const OWNED: Readonly<Record<string, readonly string[]>> = {
  "ipaddr.js": ["packages/sansio/src/"],
  koffi: ["packages/host/src/", "bench/"],
};

/** Globals that a pure area may not name: clocks, timers, randomness, the process, the console, the network. */
export const WORLD: ReadonlySet<string> = new Set([
  "Buffer",
  "Date",
  "WebSocket",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);
