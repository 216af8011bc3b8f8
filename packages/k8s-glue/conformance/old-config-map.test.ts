import { describeConformance } from "./conformance-row.ts";
import { oldConfigMapConverterRows } from "./old-config-map-converter-rows.ts";
import { oldConfigMapRows } from "./old-config-map-rows.ts";

describeConformance("the old ConfigMap and its converter", [...oldConfigMapRows, ...oldConfigMapConverterRows]);
