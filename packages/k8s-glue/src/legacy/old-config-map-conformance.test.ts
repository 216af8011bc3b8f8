import { describeConformance } from "../conformance/conformance-row.test.fixture.ts";
import { oldConfigMapRows } from "./old-config-map-conformance-rows.test.fixture.ts";

describeConformance("the old ConfigMap and its converter", oldConfigMapRows);
