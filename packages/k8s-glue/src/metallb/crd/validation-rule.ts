/**
 * A rule that the API server itself checks, in CEL. Rules refuse only what MetalLB's webhooks or parser refuse, so that every
 * manifest for MetalLB is accepted. Where Herald requires more, or a rule would cost too much, the object's condition reports it.
 */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** A CEL expression that is true for an IPv6 address with an IPv4 tail: Go reads it, CEL's functions do not. */
function hasIpv4Tail(text: string): string {
  return `(${text}.contains(':') && ${text}.contains('.'))`;
}

/** A CEL expression that is true for an address as Go's net.ParseIP reads it. */
export function isAddress(text: string): string {
  return `(${hasIpv4Tail(text)} || isIP(${text}))`;
}

/** A rule that an optional text field is empty or an address. */
export function addressRule(field: string): ValidationRule {
  return {
    rule: `!has(self.${field}) || self.${field} == '' || ${isAddress(`self.${field}`)}`,
    message: `${field} is not an IP address`,
  };
}

const isRange = "self.contains('-')";
const end = (at: 0 | 1): string => `self.split('-')[${at}].trim()`;
// The pattern of the field lets four numbers through and nothing else that has no colon.
const ipv4Number = "((int(part[0]) * 256 + int(part[1])) * 256 + int(part[2])) * 256 + int(part[3])";

/** The rules that an entry is a block, or a range from a lower address to a higher one; CEL cannot order IPv6 addresses. */
export const addressEntryRules: readonly ValidationRule[] = [
  {
    // Go reads a length with a leading zero.
    rule: `${isRange} || ${hasIpv4Tail("self")} || self.contains('/0') || isCIDR(self.trim())`,
    message: "entry is neither a block, for example 192.0.2.0/24, nor a range",
  },
  {
    rule: `!${isRange} || ${hasIpv4Tail("self")} || (isIP(${end(0)}) && isIP(${end(1)}))`,
    message: "range starts or ends with text that is not an IP address",
  },
  {
    rule: `!${isRange} || self.contains(':') || [${end(0)}, ${end(1)}].map(text, text.split('.')).map(part, ${ipv4Number}).isSorted()`,
    message: "range ends before it starts",
  },
];

/** The rules for an entry that may also be a single address. */
export const exclusionRules: readonly ValidationRule[] = addressEntryRules.map(({ rule, message }, at) =>
  at > 0
    ? { rule, message }
    : {
        rule: `${rule} || isIP(self.trim())`,
        message: "entry is neither an address, nor a block, for example 192.0.2.0/24, nor a range",
      },
);

/** The rules that numbers of two or four parts are within the limits of RFC 1997 and RFC 8092. Other texts may be names that users give. */
export const communityRules: readonly ValidationRule[] = [
  {
    rule: "!self.matches('^[0-9]{1,18}:[0-9]{1,18}$') || (int(self.split(':')[0]) <= 65535 && int(self.split(':')[1]) <= 65535)",
    message: "community is not of two numbers up to 65535",
  },
  {
    rule: "!self.matches('^large:[0-9]{1,18}:[0-9]{1,18}:[0-9]{1,18}$') || (int(self.split(':')[1]) <= 4294967295 && int(self.split(':')[2]) <= 4294967295 && int(self.split(':')[3]) <= 4294967295)",
    message: "large community is not of three numbers up to 4294967295",
  },
];
