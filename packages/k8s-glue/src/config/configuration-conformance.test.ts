import { describeConformance } from "../conformance/conformance-row.test.fixture.ts";
import { communityRows, parserRows } from "./parser-conformance-rows.test.fixture.ts";
import { poolRows } from "./pool-conformance-rows.test.fixture.ts";
import { webhookRows } from "./webhook-conformance-rows.test.fixture.ts";

describeConformance("IPAddressPool", poolRows);
describeConformance("Community", communityRows);
describeConformance("the rules of the parser", parserRows);
describeConformance("what the webhooks see", webhookRows);
