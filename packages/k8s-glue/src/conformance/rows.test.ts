import { describeConformance } from "./conformance-row.test.fixture.ts";
import { allocationRows } from "./every-row.test.fixture.ts";

for (const [title, rows] of allocationRows) describeConformance(title, rows);
