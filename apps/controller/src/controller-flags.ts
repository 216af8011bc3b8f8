import { type Flag, SHARED_FLAGS } from "@herald-lb/daemon";
import { POLICY_FLAGS } from "./policy.ts";
import { WEBHOOK_FLAGS } from "./webhook/flags.ts";

/** The controller's flags: MetalLB's, and Herald's own behind them. */
export const CONTROLLER_FLAGS: readonly Flag[] = [
  ...SHARED_FLAGS,
  { name: "ml-secret-name", type: "string", default: "", environment: "METALLB_ML_SECRET_NAME" },
  { name: "deployment", type: "string", default: "", environment: "METALLB_DEPLOYMENT" },
  ...WEBHOOK_FLAGS,
  // Herald's own.
  { name: "health-probe-host", type: "string", default: "" },
  { name: "leader-elect", type: "boolean", default: true },
  ...POLICY_FLAGS,
];
