import { isIPv4 } from "node:net";

/** A pool of cluster IPs or ports: numbers in a range, given out lowest first unless asked for. */
export interface NumberPool {
  take: (wanted?: number) => number | undefined;
  release: (taken: number) => void;
}

/** A pool over the numbers from `first` to `last`. */
export function createNumberPool(first: number, last: number): NumberPool {
  const taken = new Set<number>();
  let next = first;
  return {
    take: (wanted) => {
      if (wanted !== undefined) {
        if (taken.has(wanted) || wanted < first || wanted > last) return undefined;
        taken.add(wanted);
        return wanted;
      }
      for (let tried = first; tried <= last; tried++) {
        const candidate = next;
        next = next === last ? first : next + 1;
        if (taken.has(candidate)) continue;
        taken.add(candidate);
        return candidate;
      }
      return undefined;
    },
    release: (number) => {
      taken.delete(number);
    },
  };
}

/** The family's name for an address. */
export function familyOfAddress(address: string): "IPv4" | "IPv6" {
  return isIPv4(address) ? "IPv4" : "IPv6";
}

/** The n-th address of 10.96.0.0/16 or fd00:10:96::/112. */
export function clusterIpOf(family: "IPv4" | "IPv6", offset: number): string {
  return family === "IPv4"
    ? `10.96.${String(offset >> 8)}.${String(offset & 255)}`
    : `fd00:10:96::${offset.toString(16)}`;
}

/** The offset of an address in its cluster range, or undefined when it is outside. */
export function offsetOf(address: string): number | undefined {
  const v4 = /^10\.96\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (v4 !== null) return Number(v4[1]) * 256 + Number(v4[2]);
  const v6 = /^fd00:10:96::([0-9a-f]{1,4})$/.exec(address);
  return v6 === null ? undefined : Number.parseInt(v6[1] ?? "", 16);
}
