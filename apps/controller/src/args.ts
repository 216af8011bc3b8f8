import { type Flag, LOG_LEVELS } from "@herald-lb/daemon";

const NO_WEBHOOK = "Herald has no admission webhook: validity is in the CRDs' schemas and on each object's conditions";
const PLAIN_METRICS = "metrics are served without TLS: terminate it in front where that is needed";

/** The controller's flags: MetalLB's, and Herald's own behind them. */
export const FLAGS: readonly Flag[] = [
  { name: "port", type: "number", default: 9120 },
  { name: "namespace", type: "string", default: "", environment: "METALLB_NAMESPACE" },
  { name: "ml-secret-name", type: "string", default: "", environment: "METALLB_ML_SECRET_NAME" },
  { name: "deployment", type: "string", default: "", environment: "METALLB_DEPLOYMENT" },
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
  { name: "disable-cert-rotation", type: "boolean", default: false, withoutMeaning: NO_WEBHOOK },
  {
    name: "cert-dir",
    type: "string",
    default: "/tmp/k8s-webhook-server/serving-certs",
    withoutMeaning: NO_WEBHOOK,
  },
  { name: "cert-service-name", type: "string", default: "metallb-webhook-service", withoutMeaning: NO_WEBHOOK },
  { name: "webhook-secret", type: "string", default: "metallb-webhook-cert", withoutMeaning: NO_WEBHOOK },
  {
    name: "webhook-mode",
    type: "string",
    default: "enabled",
    choices: ["enabled", "disabled", "onlywebhook"],
    withoutMeaning: NO_WEBHOOK,
  },
  { name: "webhook-http2", type: "boolean", default: false, withoutMeaning: NO_WEBHOOK },
  { name: "tls-min-version", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "tls-cipher-suites", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "tls-curve-preferences", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  { name: "metrics-cert-dir", type: "string", default: "", withoutMeaning: PLAIN_METRICS },
  // Herald's own.
  { name: "kubeconfig", type: "string", default: "", environment: "KUBECONFIG" },
  { name: "kube-context", type: "string", default: "", environment: "HERALD_KUBE_CONTEXT" },
  { name: "metrics-host", type: "string", default: "" },
  { name: "health-probe-host", type: "string", default: "" },
  { name: "leader-elect", type: "boolean", default: true },
];
