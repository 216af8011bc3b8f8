import { describeConformance } from "./conformance-row.ts";
import { statusRows } from "./status-rows.ts";

describeConformance("the kinds that say what is", statusRows);
