import type { Flag } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";

const PLAIN_METRICS = "metrics are served without TLS: terminate it in front where that is needed";

/** The flags that MetalLB's controller and speaker have in common, and behind them those that Herald's have. */
export const SHARED_FLAGS: readonly Flag[] = [
  { name: "port", type: "number", default: 9120 },
  { name: "namespace", type: "string", default: "", environment: "METALLB_NAMESPACE" },
  { name: "log-level", type: "string", default: "info", choices: LOG_LEVELS },
  { name: "health-probe-port", type: "number", default: 17472 },
  { name: "lb-class", type: "string", default: "" },
  { name: "pod-name", type: "string", default: "", environment: "METALLB_POD_NAME" },
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
];
