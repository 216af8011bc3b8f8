import { describeConformance } from "./conformance-row.ts";
import { oldConfigMapRows } from "./old-config-map-rows.ts";

describeConformance("the old ConfigMap and its converter", oldConfigMapRows);
