import { describeConformance } from "../conformance/conformance-row.test.fixture.ts";
import { advertisementRows, l2AdvertisementRows } from "./advertisement-conformance-rows.test.fixture.ts";
import { bfdProfileRows } from "./bfd-profile-conformance-rows.test.fixture.ts";
import { communityRows, parserRows } from "./parser-conformance-rows.test.fixture.ts";
import { peerRows } from "./peer-conformance-rows.test.fixture.ts";
import { poolRows } from "./pool-conformance-rows.test.fixture.ts";
import { webhookRows } from "./webhook-conformance-rows.test.fixture.ts";

describeConformance("IPAddressPool", poolRows);
describeConformance("L2Advertisement", l2AdvertisementRows);
describeConformance("BGPPeer", peerRows);
describeConformance("BGPAdvertisement", advertisementRows);
describeConformance("BFDProfile", bfdProfileRows);
describeConformance("Community", communityRows);
describeConformance("the rules of the parser", parserRows);
describeConformance("what the webhooks see", webhookRows);
