import { type Flag, SHARED_FLAGS } from "@herald-lb/daemon";
import { POLICY_FLAGS } from "./policy.ts";

const NO_WEBHOOK = "Herald has no admission webhook: validity is in the CRDs' schemas and on each object's conditions";

/** The controller's flags: MetalLB's, and Herald's own behind them. */
export const FLAGS: readonly Flag[] = [
  ...SHARED_FLAGS,
  { name: "ml-secret-name", type: "string", default: "", environment: "METALLB_ML_SECRET_NAME" },
  { name: "deployment", type: "string", default: "", environment: "METALLB_DEPLOYMENT" },
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
  // Herald's own.
  { name: "health-probe-host", type: "string", default: "" },
  { name: "leader-elect", type: "boolean", default: true },
  ...POLICY_FLAGS,
];
