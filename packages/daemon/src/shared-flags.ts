import type { Flag } from "./flags.ts";
import { LOG_LEVELS } from "./log.ts";

/** The flags that controller and speaker have in common: MetalLB's first, then Herald's own. */
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
    noEffect: "profile with the inspector of Node.js instead",
  },
  {
    name: "tls-min-version",
    type: "string",
    default: "",
    help: "VersionTLS12 or VersionTLS13; empty means VersionTLS13",
  },
  { name: "tls-cipher-suites", type: "string", default: "", help: "comma-separated names of TLS 1.2 cipher suites" },
  { name: "tls-curve-preferences", type: "string", default: "", help: "comma-separated IDs of curves" },
  {
    name: "metrics-cert-dir",
    type: "string",
    default: "",
    help: "folder with tls.crt and tls.key, read again when they change; empty uses a self-signed certificate",
  },
  // Herald's own.
  { name: "kubeconfig", type: "string", default: "", environment: "KUBECONFIG" },
  { name: "kube-context", type: "string", default: "", environment: "HERALD_KUBE_CONTEXT" },
  { name: "metrics-host", type: "string", default: "" },
  {
    name: "metrics-plain",
    type: "boolean",
    default: false,
    help: "serve metrics by plain HTTP to every client, instead of by HTTPS to clients that the API server allows to get /metrics",
  },
];
