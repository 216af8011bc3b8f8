import { describeConformance } from "./conformance-row.test.fixture.ts";
import { familiesRows } from "./families-conformance-rows.test.fixture.ts";
import { whichAddressRows } from "./which-address-conformance-rows.test.fixture.ts";
import { whichPoolRows } from "./which-pool-conformance-rows.test.fixture.ts";

describeConformance("which address", whichAddressRows);
describeConformance("which pool", whichPoolRows);
describeConformance("which families", familiesRows);
