/** Time per assignment while one pool fills: flat is the aim, whatever is in use already. */
import { type AddressRange, Allocator, type Demand } from "@herald-lb/allocator";
import { instant, parsePrefix, prefixFirst, prefixLast } from "@herald-lb/sansio";

const NOW = instant(0);
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** How many assignments one figure averages, behind each fill. */
const SAMPLE = 1_000;

function range(text: string): AddressRange {
  const prefix = parsePrefix(text);
  if (!prefix.ok) throw new Error(text);
  return { first: prefixFirst(prefix.value), last: prefixLast(prefix.value) };
}

function demand(index: number, family: "IPv4" | "IPv6"): Demand {
  return {
    service: `default/service-${index}`,
    families: { type: "All", families: [family] },
    ports: [{ protocol: "TCP", port: 80 }],
    pools: ["pool"],
    permitted: ["pool"],
    requested: [],
    recorded: [],
    sharingKey: null,
    backendKey: "",
  };
}

process.stdout.write("| pool | in use | µs a fill | µs an assignment | µs release + assign |\n|---|--:|--:|--:|--:|\n");
for (const [text, family] of [
  ["10.0.0.0/8", "IPv4"],
  ["2001:db8::/64", "IPv6"],
] as const) {
  for (const size of SIZES) {
    const allocator = new Allocator();
    allocator.configure([{ name: "pool", ranges: [range(text)], avoidBuggyIPs: false }]);
    const demands = Array.from({ length: size + SAMPLE }, (_, index) => demand(index, family));
    const time = (body: (wish: Demand) => void, wishes: readonly Demand[]): string => {
      const start = performance.now();
      for (const wish of wishes) body(wish);
      return (((performance.now() - start) * 1_000) / wishes.length).toFixed(2);
    };
    const fill = time((wish) => void allocator.assign(wish, NOW), demands.slice(0, size));
    const assign = time((wish) => void allocator.assign(wish, NOW), demands.slice(size));
    const stride = Math.max(1, Math.floor(size / SAMPLE));
    const churned = demands.filter((_, index) => index < size && index % stride === 0);
    const churn = time((wish) => {
      allocator.release(wish.service, NOW);
      allocator.assign(wish, NOW);
    }, churned);
    process.stdout.write(`| ${text} | ${size} | ${fill} | ${assign} | ${churn} |\n`);
  }
}
