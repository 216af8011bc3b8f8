export { ipAddress, ipPrefix, ipv4Address, ipv6Address, macAddress, octets } from "./arbitraries.ts";
export { assertMachineLaws, type LawOptions } from "./laws.ts";
export { createVirtualNetwork, type LinkConditions, type NetworkNode, type VirtualNetwork } from "./network.ts";
export { createRandom } from "./random.ts";
export { runReadmeExample } from "./readme.ts";
export { hexOf, octetsFromHex, readRecords, readVectors } from "./vectors.ts";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
