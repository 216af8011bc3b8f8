import type { Flag } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";

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
  { name: "tls-min-version", type: "string", default: "", help: "VersionTLS12 or VersionTLS13; 1.3 where empty" },
  { name: "tls-cipher-suites", type: "string", default: "", help: "names of suites of TLS 1.2, commas between" },
  { name: "tls-curve-preferences", type: "string", default: "", help: "numbers of curves, commas between" },
  {
    name: "metrics-cert-dir",
    type: "string",
    default: "",
    help: "folder with tls.crt and tls.key, read anew when they change; signed by itself where empty",
  },
  // Herald's own.
  { name: "kubeconfig", type: "string", default: "", environment: "KUBECONFIG" },
  { name: "kube-context", type: "string", default: "", environment: "HERALD_KUBE_CONTEXT" },
  { name: "metrics-host", type: "string", default: "" },
  {
    name: "metrics-plain",
    type: "boolean",
    default: false,
    help: "metrics by HTTP to everybody, instead of by HTTPS to those whom the API server lets get /metrics",
  },
];
