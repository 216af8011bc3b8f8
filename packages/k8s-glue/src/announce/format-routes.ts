import { reportedRoute } from "./route-report.ts";
import type { ServiceRoutes } from "./routes.ts";

/** The routes of a Service on a node as lines of text for people: each with its attributes, then what is not used and why. */
export function formatRoutes({ service, reason, routes, conflicts, refused }: ServiceRoutes): string {
  const lines = reason === null ? routes.map(routeText) : [`no routes from this node: ${reason}`];
  for (const { dropped, kept, field } of conflicts)
    lines.push(`advertisement ${dropped} is not used: ${kept}, which is older, has another ${field}`);
  for (const { annotation, value } of refused)
    lines.push(
      `annotation ${annotation}: ${value} has no effect, since no advertisement allows it in serviceOverrides`,
    );
  return [service, ...lines.map((line) => `  ${line}`)].join("\n");
}

function routeText(route: Parameters<typeof reportedRoute>[0]): string {
  const { prefix, peers, communities, ...attributes } = reportedRoute(route);
  const named = Object.entries(attributes).map(([name, value]) => `${name} ${value}`);
  const marks = communities === undefined ? named : [...named, `communities ${communities.join(" ")}`];
  const whom = peers === undefined ? "all peers" : peers.join(", ");
  return [`${prefix} to ${whom}`, ...marks].join(", ");
}
