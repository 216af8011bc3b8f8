import { type Flag, SHARED_FLAGS } from "@herald-lb/daemon";

const NO_FRR = "Herald speaks BGP itself: there is no FRR to configure";

/** The speaker's flags: MetalLB's, and Herald's own behind them. */
export const SPEAKER_FLAGS: readonly Flag[] = [
  ...SHARED_FLAGS,
  { name: "node-name", type: "string", default: "", environment: "METALLB_NODE_NAME" },
  { name: "ml-bindaddr", type: "string", default: "", environment: "METALLB_ML_BIND_ADDR" },
  { name: "ml-bindport", type: "number", default: 7946, environment: "METALLB_ML_BIND_PORT" },
  { name: "ml-labels", type: "string", default: "", environment: "METALLB_ML_LABELS" },
  { name: "ml-secret-key-path", type: "string", default: "", environment: "METALLB_ML_SECRET_KEY_PATH" },
  { name: "ml-wan-config", type: "boolean", default: false },
  { name: "ignore-exclude-lb", type: "boolean", default: false },
  {
    name: "host",
    type: "string",
    default: "",
    environment: "METALLB_HOST",
    noEffect: "it has no meaning in MetalLB either",
  },
  {
    name: "bgp-debounce-timeout",
    type: "number",
    default: 3000,
    environment: "METALLB_BGP_DEBOUNCE_TIMEOUT",
    noEffect: NO_FRR,
  },
  { name: "frrk8s-namespace", type: "string", default: "", environment: "FRRK8S_NAMESPACE", noEffect: NO_FRR },
  { name: "frrk8s-secret-passthrough", type: "boolean", default: false, noEffect: NO_FRR },
  // Herald's own.
  { name: "health-probe-host", type: "string", default: "127.0.0.1" },
  { name: "ml-profile", type: "string", default: "fast", choices: ["fast", "lan", "wan"] },
  {
    name: "bgp-graceful-shutdown-limit",
    type: "number",
    default: 2_500,
    range: [0, 3_600_000],
    help: "the longest that routes are announced as a graceful shutdown before the speaker ends, in milliseconds; the Pod's terminationGracePeriodSeconds must be two seconds longer",
  },
  {
    name: "bfd-watchers",
    type: "number",
    default: 3,
    range: [0, 16],
    help: "the number of speakers that watch each speaker by BFD; 0 leaves the detection of dead speakers to the memberlist cluster",
  },
  {
    name: "bfd-port",
    type: "number",
    default: 7947,
    range: [1, 65_535],
    help: "the UDP port of BFD between the speakers",
  },
  {
    name: "bfd-interval",
    type: "number",
    default: 50,
    range: [10, 60_000],
    help: "the interval between BFD packets, in milliseconds",
  },
  {
    name: "bfd-multiplier",
    type: "number",
    default: 3,
    range: [2, 255],
    help: "a speaker is lost after this many intervals without a packet",
  },
  {
    name: "bmp-collector",
    type: "string",
    default: "",
    help: "the collector that is told by BMP what the BGP peers are told: HOST:PORT, an IPv6 address in brackets",
  },
  {
    name: "isolated",
    type: "string",
    default: "serve",
    choices: ["serve", "yield"],
    help: "the conduct of a node that hears neither another speaker nor the API server: serve goes on answering on layer 2, yield stops",
  },
  {
    name: "avoid-cordoned",
    type: "boolean",
    default: false,
    help: "a cordoned node announces on layer 2 only where no other node can",
  },
  {
    name: "avoid-taints",
    type: "string",
    default: "",
    help: "a node with a taint of one of these keys, separated by commas, announces on layer 2 only where no other node can",
  },
];
