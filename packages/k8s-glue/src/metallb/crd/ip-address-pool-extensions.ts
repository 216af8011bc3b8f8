import * as z from "zod";
import { type FieldMeta, integer, selectors, uniqueNames } from "./schema.ts";
import { exclusionRules } from "./validation-rule.ts";

const address = String.raw`([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)`;
const exclusionPattern = `^ *${address}(/[0-9]{1,3}| *- *${address})? *$`;
const label = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

const name = (description: string): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(63)
    .meta({ description, pattern: label } satisfies FieldMeta);

const excludeAddresses = z
  .array(
    z
      .string()
      .max(100)
      .meta({ pattern: exclusionPattern, "x-kubernetes-validations": exclusionRules } satisfies FieldMeta),
  )
  .max(10_000)
  .meta({
    description:
      "Addresses that are never assigned, not even on request: blocks (198.51.100.0/30), ranges (198.51.100.1-198.51.100.9) and single addresses (198.51.100.254). A Service that holds one is assigned another.",
  });

const reservedAddress = [{ rule: "isIP(self.trim().split('/')[0])", message: "reserved address is not an IP address" }];

const reservation = z.object({
  namespace: name("Namespace of the Service."),
  name: name("Name of the Service."),
  addresses: z
    .array(
      z
        .string()
        .max(64)
        .meta({
          pattern: `^ *${address}(/32|/128)? *$`,
          "x-kubernetes-validations": reservedAddress,
        } satisfies FieldMeta),
    )
    .min(1)
    .max(64)
    .meta({ description: "Addresses of the pool that are reserved for it." }),
});

const reservations = z.array(reservation).max(1000).meta({
  description:
    "Addresses reserved for Services, whether they exist or not. A Service is assigned its reserved addresses as soon as it needs one; a Service that holds an address reserved for another keeps it.",
});

const coolDown = z
  .string()
  .max(64)
  .meta({
    description:
      "Duration, for example 10m, for which an address that a Service released is assigned to no other; 0s when absent.",
    "x-kubernetes-validations": [
      {
        rule: "duration(self) >= duration('0s')",
        message: "coolDown must be a duration that is not negative, for example 10m",
      },
    ],
  } satisfies FieldMeta);

const tenancy = z
  .object({
    namespaces: uniqueNames(
      "Namespaces whose Services may request the pool and its addresses by name.",
    ).exactOptional(),
    namespaceSelectors: selectors(
      "Selects namespaces, in addition to those named, whose Services may do so. With neither, those of every namespace may.",
    ).exactOptional(),
    sharing: z.enum(["Namespace", "Cluster"]).exactOptional().meta({
      description:
        "Namespace, as when absent: Services share an address by their key only within a namespace, or when both name each other's namespace. Cluster: across all of them.",
    }),
  })
  .meta({
    description:
      "Selects the Services that may request the pool by name and share its addresses. Without it, every Service that may use the pool may do both.",
  });

/** The fields of an IPAddressPool's `spec` that MetalLB does not have. Without them a pool behaves as in MetalLB. */
export const poolExtensions = {
  excludeAddresses: z.exactOptional(excludeAddresses),
  reservations: z.exactOptional(reservations),
  allocationOrder: z.exactOptional(
    z.enum(["LowestFirst", "LeastRecentlyUsed"]).meta({
      description:
        "Order in which free addresses are assigned: LowestFirst, the default, or LeastRecentlyUsed, the one that was released longest ago.",
    }),
  ),
  coolDown: z.exactOptional(coolDown),
  sticky: z.exactOptional(
    z.boolean().meta({
      description:
        "Whether a Service that is deleted and created again under the same name gets its addresses back while they are free.",
    }),
  ),
  maxAddressesPerNamespace: z.exactOptional(
    integer(
      0,
      2_147_483_647,
      "How many addresses of the pool the Services of one namespace may hold together; any number when absent. What they hold already stays.",
    ),
  ),
  onAddressConflict: z.exactOptional(
    z.enum(["Keep", "Replace"]).meta({
      description:
        "What becomes of an address that another station on the segment has, where L2Advertisements probe it or give it up. Keep, as when absent: the Service keeps it, and it is announced once the station is gone. Replace: a Service that requests no address is given another, and nobody is given this one until the station is gone. Without effect for a pool that a BGPAdvertisement announces.",
    }),
  ),
  tenancy: z.exactOptional(tenancy),
};
