import { advertisementRows, l2AdvertisementRows } from "./advertisement-rows.ts";
import { bfdProfileRows } from "./bfd-profile-rows.ts";
import { describeConformance } from "./conformance-row.ts";
import { communityRows, parserRows } from "./parser-rows.ts";
import { peerRows } from "./peer-rows.ts";
import { poolRows } from "./pool-rows.ts";
import { webhookRows } from "./webhook-rows.ts";

describeConformance("IPAddressPool", poolRows);
describeConformance("L2Advertisement", l2AdvertisementRows);
describeConformance("BGPPeer", peerRows);
describeConformance("BGPAdvertisement", advertisementRows);
describeConformance("BFDProfile", bfdProfileRows);
describeConformance("Community", communityRows);
describeConformance("the rules of the parser", parserRows);
describeConformance("what the webhooks see", webhookRows);
