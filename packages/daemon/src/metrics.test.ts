import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("the common metrics", () => {
  it("have the lag of the event loop by each scrape, and none of the monitor's figures", async () => {
    const { text } = await createMetrics().exposition();
    const names = [...text.matchAll(/^# TYPE (nodejs_eventloop\S*) /gm)].map(([, name]) => name);
    expect(names).toEqual(["nodejs_eventloop_lag_seconds"]);
  });
});
