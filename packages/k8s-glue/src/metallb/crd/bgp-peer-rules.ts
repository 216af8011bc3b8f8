import { addressRule, type ValidationRule } from "./validation-rule.ts";

const timers: readonly ValidationRule[] = [
  {
    rule: "!has(self.holdTime) || self.holdTime == '' || duration(self.holdTime).getSeconds() == 0 || duration(self.holdTime).getSeconds() >= 3",
    message: "holdTime must be a duration of 0s, or of 3s and more",
  },
  {
    rule: "!has(self.keepaliveTime) || self.keepaliveTime == '' || duration(self.keepaliveTime) >= duration('0s')",
    message: "keepaliveTime must be a duration",
  },
  {
    rule: "!has(self.holdTime) || self.holdTime == '' || !has(self.keepaliveTime) || self.keepaliveTime == '' || duration(self.keepaliveTime) <= duration(self.holdTime)",
    message: "keepaliveTime must not be longer than holdTime",
  },
];

const shared: readonly ValidationRule[] = [
  { rule: "self.myASN != 0", message: "myASN must be the number of the own autonomous system" },
  {
    rule: "!has(self.ebgpMultiHop) || !self.ebgpMultiHop || !has(self.peerASN) || self.peerASN != self.myASN",
    message: "ebgpMultiHop is for external peers only",
  },
  addressRule("peerAddress"),
  addressRule("sourceAddress"),
  addressRule("routerID"),
  ...timers,
];

/** The rules by which the API server checks a BGPPeer of v1beta1. */
export const bgpPeerV1Beta1Rules: readonly ValidationRule[] = [
  ...shared,
  { rule: "self.peerASN != 0", message: "peerASN must be the number of the peer's autonomous system" },
  { rule: "self.peerAddress != ''", message: "peerAddress must be set" },
];

const isNamed = "(has(self.peerAddress) && self.peerAddress != '') || (has(self.interface) && self.interface != '')";
const hasPrefix = "(has(self.peerPrefix) && self.peerPrefix != '')";
const secretIsNamed = "has(self.passwordSecret) && has(self.passwordSecret.name) && self.passwordSecret.name != ''";

/** The rules by which the API server checks a BGPPeer of v1beta2. */
export const bgpPeerRules: readonly ValidationRule[] = [
  ...shared,
  {
    rule: "!(has(self.dynamicASN) && self.dynamicASN != '' && has(self.peerASN) && self.peerASN != 0)",
    message: "peerASN and dynamicASN exclude each other",
  },
  {
    rule: "(has(self.dynamicASN) && self.dynamicASN != '') || (has(self.peerASN) && self.peerASN != 0)",
    message: "one of peerASN and dynamicASN must be set",
  },
  {
    rule: "!(has(self.peerAddress) && self.peerAddress != '' && has(self.interface) && self.interface != '')",
    message: "peerAddress and interface exclude each other",
  },
  {
    rule: `${isNamed} || ${hasPrefix}`,
    message: "one of peerAddress, interface and peerPrefix must be set",
  },
  {
    rule: `!((${isNamed}) && ${hasPrefix})`,
    message: "peerPrefix excludes peerAddress and interface",
  },
  {
    rule: `!(${hasPrefix}) || isCIDR(self.peerPrefix)`,
    message: "peerPrefix is not a prefix, for example 192.0.2.0/24",
  },
  {
    rule: `!(${hasPrefix}) || !has(self.connectionMode) || self.connectionMode == 'Passive'`,
    message: "with peerPrefix connectionMode is Passive",
  },
  {
    rule: "!(has(self.ttlSecurity) && has(self.ebgpMultiHop) && self.ebgpMultiHop)",
    message: "ttlSecurity and ebgpMultiHop exclude each other",
  },
  {
    rule: `!(has(self.password) && self.password != '' && ${secretIsNamed})`,
    message: "password and passwordSecret exclude each other",
  },
];
