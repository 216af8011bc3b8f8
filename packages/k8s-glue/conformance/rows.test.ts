import { describeConformance } from "./conformance-row.ts";
import { allocationRows } from "./every-row.ts";

for (const [title, rows] of allocationRows) describeConformance(title, rows);
