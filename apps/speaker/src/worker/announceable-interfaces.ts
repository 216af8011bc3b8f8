/** MetalLB's default for interfaces that are never answered on: those of containers, tunnels and the machine itself. */
export const DEFAULT_EXCLUDED: readonly string[] = [
  "^docker.*",
  "^cbr.*",
  "^dummy.*",
  "^virbr.*",
  "^lxcbr.*",
  "^veth.*",
  "^lo$",
  "^cali.*",
  "^tunl.*",
  "^flannel.*",
  "^kube-ipvs.*",
  "^cni.*",
  "^nodelocaldns.*",
  "^lxc.*",
];

/** What the choice of interfaces looks at. */
export interface InterfaceFacts {
  readonly name: string;
  /** Index of the bridge, bond or VRF that it belongs to; null for none. */
  readonly master: number | null;
  readonly noArp: boolean;
  readonly broadcast: boolean;
}

/** Whether addresses may be announced on an interface: not excluded by name, no member of another, and a segment with neighbours. */
export function isAnnounceable(facts: InterfaceFacts, excluded: RegExp | null): boolean {
  return facts.master === null && !facts.noArp && facts.broadcast && excluded?.test(facts.name) !== true;
}
