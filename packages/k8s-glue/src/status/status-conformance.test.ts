import { describeConformance } from "../conformance/conformance-row.test.fixture.ts";
import { statusRows } from "./status-conformance-rows.test.fixture.ts";

describeConformance("the kinds that say what is", statusRows);
