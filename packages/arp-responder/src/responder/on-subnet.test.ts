import { type IpAddress, type IpPrefix, prefixOf } from "@herald-lb/sansio";
import { expect, it } from "vitest";
import { Bench, interfaceOf, VIP, VIP6 } from "./probing.test.fixture.ts";

const [HERE, THERE] = [prefixOf(VIP, 24), prefixOf("198.51.100.1" as IpAddress, 24)];
const eth = (index: number, ...prefixes: readonly IpPrefix[]) => ({ ...interfaceOf(index), prefixes });
const wanted = { type: "AnnouncementDesired", key: "web", addresses: [VIP], interfaces: [], onSubnet: "all" } as const;

it("an address that goes by subnets is answered for on the interfaces that are on its subnet, as they change", () => {
  const bench = new Bench([eth(1, HERE), eth(2, THERE), interfaceOf(3)]).event(wanted);
  expect([1, 2, 3].map((on) => bench.answers(on))).toEqual([true, false, false]);
  bench.event({ type: "InterfacesChanged", interfaces: [eth(1), eth(2, THERE, HERE), interfaceOf(3)] });
  expect([1, 2, 3].map((on) => bench.answers(on))).toEqual([false, true, false]);
  bench.event({ ...wanted, onSubnet: ["eth3"] });
  expect([1, 2, 3].map((on) => bench.answers(on))).toEqual([false, false, false]);
  bench.event({ ...wanted, onSubnet: ["eth2"], interfaces: ["eth3"] });
  expect([1, 2, 3].map((on) => bench.answers(on))).toEqual([false, true, true]);
});

it("of an address each family goes by its own prefixes", () => {
  const bench = new Bench([eth(1, HERE), eth(2, prefixOf(VIP6, 64))]).event({ ...wanted, addresses: [VIP, VIP6] });
  const on = (address: IpAddress) => [...(bench.state.announcements.get(address)?.on.keys() ?? [])];
  expect([on(VIP), on(VIP6)]).toEqual([[1], [2]]);
});
