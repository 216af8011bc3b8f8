import { recordedAddresses, type Service } from "@herald-lb/k8s-glue/objects";
import { compareIpAddresses, familyOf, type IpAddress } from "@herald-lb/sansio";

/** Addresses of one Service that one node announces together, and the address that elects it. */
export interface L2Election {
  /** The addresses, IPv4 before IPv6; never empty. */
  readonly addresses: readonly IpAddress[];
  /** The address that ranks the nodes: the first one of all Services that share an address, directly or by way of others. */
  readonly electionAddress: IpAddress;
}

/**
 * The elections of a Service: one for all its addresses, or one for each family. MetalLB elects by a Service's own first address, so that two
 * Services that share only their IPv6 address may be answered by two nodes; here all that share an address elect by the same one.
 */
export function electionsOf(
  addresses: readonly IpAddress[],
  sharers: readonly Service[],
  perFamily: boolean,
): readonly L2Election[] {
  const theirs = sharers.map(recordedAddresses);
  if (!perFamily) return electionOf(addresses, theirs);
  return (["IPv4", "IPv6"] as const).flatMap((family) => {
    const ofFamily = (all: readonly IpAddress[]): readonly IpAddress[] =>
      all.filter((address) => familyOf(address) === family);
    return electionOf(ofFamily(addresses), theirs.map(ofFamily));
  });
}

/** The election of these addresses; none without addresses. */
function electionOf(addresses: readonly IpAddress[], theirs: readonly (readonly IpAddress[])[]): readonly L2Election[] {
  const joined = new Set(addresses);
  const apart = new Set(theirs);
  for (let before = -1; before !== apart.size; ) {
    before = apart.size;
    for (const some of apart) {
      if (!some.some((address) => joined.has(address))) continue;
      apart.delete(some);
      for (const address of some) joined.add(address);
    }
  }
  const [electionAddress] = [...joined].toSorted(compareIpAddresses);
  return electionAddress === undefined ? [] : [{ addresses, electionAddress }];
}
