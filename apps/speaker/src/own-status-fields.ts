/** The fields of a ServiceL2Status or ServiceBGPStatus that MetalLB's CRDs do not declare. */
export const OWN_FIELDS: ReadonlySet<string> = new Set([
  "addresses",
  "reason",
  "previousNode",
  "detectedBy",
  "clients",
  "conflicts",
  "routes",
  "conflictingAdvertisements",
  "refused",
]);
