import type { Step } from "./client.ts";
import { customResourceSteps } from "./custom-resource-steps.ts";
import { objectSteps } from "./object-steps.ts";
import { serviceSteps } from "./service-steps.ts";

/** Every request, in order; each may rely on those before it. */
export const steps: readonly Step[] = [...objectSteps, ...serviceSteps, ...customResourceSteps];
