import { type Flag, LOG_LEVELS } from "@herald-lb/daemon";

const NO_FRR = "Herald speaks BGP itself: there is no FRR to configure";
const PLAIN_METRICS = "metrics are served without TLS: terminate it in front where that is needed";

/** The speaker's flags: MetalLB's, and Herald's own behind them. */
export const FLAGS: readonly Flag[] = [
  { name: "port", type: "number", default: 9120 },
  { name: "namespace", type: "string", default: "", environment: "METALLB_NAMESPACE" },
  { name: "log-level", type: "string", default: "info", choices: LOG_LEVELS },
  { name: "health-probe-port", type: "number", default: 17472 },
  { name: "lb-class", type: "string", default: "" },
  { name: "pod-name", type: "string", default: "", environment: "METALLB_POD_NAME" },
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
    withoutMeaning: "it has no meaning in MetalLB either",
  },
  {
    name: "bgp-debounce-timeout",
    type: "number",
    default: 3000,
    environment: "METALLB_BGP_DEBOUNCE_TIMEOUT",
    withoutMeaning: NO_FRR,
  },
  { name: "frrk8s-namespace", type: "string", default: "", environment: "FRRK8S_NAMESPACE", withoutMeaning: NO_FRR },
  { name: "frrk8s-secret-passthrough", type: "boolean", default: false, withoutMeaning: NO_FRR },
  {
    name: "pprof-bind-address",
    type: "string",
    default: "",
    withoutMeaning: "profiles are taken with Node's own inspector",
  },
  { name: "tls-min-version", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "tls-cipher-suites", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "tls-curve-preferences", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "metrics-cert-dir", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  // Herald's own.
  { name: "kubeconfig", type: "string", default: "", environment: "KUBECONFIG" },
  { name: "kube-context", type: "string", default: "", environment: "HERALD_KUBE_CONTEXT" },
  { name: "metrics-host", type: "string", default: "" },
  { name: "health-probe-host", type: "string", default: "127.0.0.1" },
  { name: "ml-profile", type: "string", default: "fast", choices: ["fast", "lan", "wan"] },
];
