import type { Lab, LabNode } from "@herald-lb/lab";

/** The port of a speaker's metrics. */
const METRICS = 9120;

/** The text of the metrics of a node's speaker. */
export function speakerMetrics({ api }: Lab, { namespace }: LabNode): Promise<string> {
  const authorization = `Authorization: Bearer ${api.tokens.admin}`;
  const url = `https://127.0.0.1:${METRICS}/metrics`;
  return namespace.run("curl", ["--silent", "--insecure", "--max-time", "2", "-H", authorization, url]);
}
