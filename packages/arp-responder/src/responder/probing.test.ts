import type { IpAddress } from "@herald-lb/sansio";
import { hexOf, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFEND_DELAY, PROBE_AGAIN, PROBE_INTERVAL, RIVAL_REPLACED } from "../constants.ts";
import { decodeEthernet } from "../ethernet.ts";
import { decodeIpv6 } from "../ndp/ipv6-header.ts";
import { decodeNdp } from "../ndp/message.ts";
import { responder } from "./responder.ts";
import {
  advertisementOf,
  arp,
  Bench,
  claim,
  contested,
  hexOfMac,
  interfaceOf,
  isSilent,
  OTHER,
  OWN,
  probe,
  request,
  RIVAL,
  ROUND,
  solicitationOf,
  TARGET,
  VIP,
  VIP6,
  ZERO,
} from "./probing.test.fixture.ts";

describe("an address that is to be probed", () => {
  it("is asked for three times and announced a second later, where nobody objects", () => {
    const bench = new Bench().probe().wait(ROUND);
    expect(bench.take()).toEqual([
      "0 Probe on 1",
      `${PROBE_INTERVAL} Probe on 1`,
      `${2 * PROBE_INTERVAL} Probe on 1`,
      `${ROUND} Announcement on 1`,
      `${ROUND} Announcement on 1`,
      `${ROUND} TentativeChanged false`,
    ]);
    expect(bench.answers()).toBe(true);
    expect(hexOf(bench.frames[0] ?? new Uint8Array())).toBe(
      `ffffffffffff${hexOfMac(OWN)}08060001080006040001${hexOfMac(OWN)}${ZERO}000000000000${TARGET}`,
    );
  });

  it("is asked for by a Neighbor Solicitation from the unspecified address, with a nonce of its own each time", () => {
    const bench = new Bench().probe([VIP6]).wait(ROUND);
    const nonces = bench.frames.slice(0, 3).map((octets) => {
      const frame = decodeEthernet(octets);
      const packet = frame.ok ? decodeIpv6(frame.value.payload) : frame;
      const message = packet.ok ? decodeNdp(packet.value.header, packet.value.payload) : packet;
      if (!frame.ok || !packet.ok || !message.ok) throw new Error("no solicitation");
      expect(frame.value).toMatchObject({ destination: "33:33:ff:00:00:10", source: OWN });
      expect(packet.value.header).toMatchObject({ source: "::", destination: "ff02::1:ff00:10", hopLimit: 255 });
      const [nonce, ...more] = message.value.options;
      expect([message.value.type, message.value.targetAddress, nonce?.type, more]).toEqual([
        "NeighborSolicitation",
        VIP6,
        "Nonce",
        [],
      ]);
      return nonce?.type === "Nonce" ? hexOf(nonce.value) : "";
    });
    expect(new Set(nonces).size).toBe(3);
    expect(bench.take()).toEqual([
      "0 JoinGroup",
      "0 Probe on 1",
      `${PROBE_INTERVAL} Probe on 1`,
      `${2 * PROBE_INTERVAL} Probe on 1`,
      `${ROUND} Announcement on 1`,
      `${ROUND} TentativeChanged false`,
    ]);
  });

  it("is not answered for meanwhile, and the frame is counted so", () => {
    const bench = new Bench().probe();
    bench.take();
    expect(bench.receive(request).take()).toEqual(["0 Tentative"]);
  });

  it.each([
    ["an ARP Announcement", VIP, claim(RIVAL)],
    ["an ARP Reply to the probe", VIP, arp(RIVAL, TARGET, ZERO, 2)],
    ["an ARP Request of the rival for another address", VIP, arp(RIVAL, TARGET, "c0000201")],
    ["an ARP Probe of another host", VIP, probe(RIVAL)],
    ["a Neighbor Advertisement", VIP6, advertisementOf(RIVAL)],
    ["a solicitation of another node's duplicate address detection", VIP6, solicitationOf(RIVAL, 1)],
  ])("is not announced after %s: the rival is named, once, and the address is probed again", (_, address, frame) => {
    const bench = new Bench().probe([address]).wait(10).receive(frame);
    expect(bench.take().at(-1)).toBe("10 Conflict");
    bench.wait(DEFEND_DELAY);
    expect(bench.take()).toEqual([`${10 + DEFEND_DELAY} RivalFound ${RIVAL} on 1`]);
    // Five minutes in which the rival answers every probe.
    const probes: string[] = [];
    while (bench.now < 300_000) {
      bench.wait(PROBE_AGAIN / 2);
      for (const line of bench.take()) {
        expect(line).toMatch(/Probe on 1|Conflict/);
        if (line.endsWith("Probe on 1")) probes.push(line);
        if (line.endsWith("Probe on 1")) bench.receive(frame);
      }
    }
    expect(probes.length).toBeGreaterThan(60);
    expect(probes.length).toBeLessThan(160);
    expect(bench.state.probing.heap.length).toBeLessThan(4);
  });

  it("is announced within five seconds after the rival's last word, and not before a whole round went by", () => {
    fc.assert(
      fc.property(fc.nat(60_000), (stays) => {
        const bench = contested();
        while (bench.now < stays) bench.wait(100).receive(claim(RIVAL));
        const wentAt = bench.now;
        expect(isSilent(bench.take())).toBe(true);
        const lines = bench.wait(5_000).take();
        const at = Number(lines.find((line) => line.includes("Announcement"))?.split(" ")[0]);
        expect(at - wentAt).toBeGreaterThanOrEqual(ROUND);
        expect(at - wentAt).toBeLessThan(5_000);
        expect(lines).toContain(`${at} RivalGone on 1`);
        expect(lines).toContain(`${at} TentativeChanged false`);
      }),
      { numRuns: 30 },
    );
  });

  it("costs a storm of claims no memory, no report and no timer", () => {
    const bench = contested();
    for (let i = 0; i < 10_000; i++) bench.receive(claim(i % 2 === 0 ? RIVAL : OTHER)).take();
    expect(bench.state.probing.heap).toHaveLength(1);
    bench.wait(1_900);
    expect(bench.take()).toEqual([]);
  });

  it("has another rival named only when the first has been silent for ten seconds", () => {
    const bench = contested();
    const found = (): readonly string[] => bench.take().filter((line) => line.includes("RivalFound"));
    for (let i = 0; i < 9; i++) bench.wait(1_000).receive(claim(OTHER));
    expect(found()).toEqual([]);
    bench.wait(RIVAL_REPLACED - 9_000).receive(claim(OTHER));
    expect(found()).toEqual([`${bench.now} RivalFound ${OTHER} on 1`]);
  });

  it.each([
    ["a frame of ours that a loop brings back", VIP, probe(OWN)],
    ["a claim from our own hardware address", VIP, claim(OWN)],
    ["our own advertisement", VIP6, advertisementOf(OWN)],
  ])("has no rival in %s, which is counted", (_, address, frame) => {
    const bench = new Bench().probe([address]).receive(frame);
    expect(bench.take().at(-1)).toBe("0 OwnFrame");
    expect(bench.wait(ROUND).take()).toContain(`${ROUND} TentativeChanged false`);
  });

  it("has no rival in its own solicitation that comes back from another hardware address", () => {
    const bench = new Bench().probe([VIP6]);
    const [solicitation = new Uint8Array()] = bench.frames;
    const back = solicitation.slice();
    back.set(octetsFromHex(hexOfMac(RIVAL)), 6);
    bench.take();
    expect(bench.receive(back).take()).toEqual(["0 OwnFrame"]);
    expect(bench.wait(ROUND).take()).toContain(`${ROUND} TentativeChanged false`);
  });

  it("is announced at once when a speaker claims it: the ring holds it", () => {
    const bench = new Bench();
    bench
      .event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) })
      .probe()
      .wait(1);
    bench.take();
    expect(bench.receive(arp(OTHER, TARGET, ZERO, 2)).take()).toEqual([
      "1 Announcement on 1",
      "1 Announcement on 1",
      "1 TentativeChanged false",
      "1 Conflict",
    ]);
  });

  it("is probed on where another speaker probes it: that is no claim", () => {
    const bench = new Bench().event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) }).probe();
    bench.receive(probe(OTHER)).take();
    expect(bench.wait(ROUND).take()).toContain(`${ROUND} TentativeChanged false`);
  });

  it("has no rival in a speaker of which this node learns in time, and asks it at once", () => {
    const bench = new Bench().probe().receive(claim(OTHER)).wait(400);
    bench.take();
    expect(bench.event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) }).take()).toEqual([
      "400 Probe on 1",
    ]);
    expect(bench.receive(arp(OTHER, TARGET, ZERO, 2)).take()).toContain("400 TentativeChanged false");
  });

  it("has its rival called off when that turns out to be a speaker late", () => {
    const bench = new Bench().probe().receive(claim(OTHER)).wait(700);
    bench.take();
    bench.event({ type: "SpeakersChanged", speakers: new Map([["other", [OTHER]]]) });
    expect(bench.take()).toEqual(["700 RivalGone on 1", "700 Probe on 1"]);
  });

  it("is announced where nobody has it, and not on the interface of the rival", () => {
    const bench = new Bench([interfaceOf(1), interfaceOf(2)]).probe().receive(claim(RIVAL), 2).wait(ROUND);
    expect(bench.answers(1)).toBe(true);
    expect(bench.answers(2)).toBe(false);
    expect(bench.take()).toEqual([]);
    // The interface of the rival goes: all that is left is announced.
    const lines = bench.event({ type: "InterfacesChanged", interfaces: [interfaceOf(1)] }).take();
    expect(lines).toEqual([`${ROUND} RivalGone on 2`, `${ROUND} TentativeChanged false`]);
  });

  it("is announced at once when no probe is wanted any more, and is silent when it is withdrawn", () => {
    const bench = contested().announce();
    expect(bench.take()).toContain(`${DEFEND_DELAY} RivalGone on 1`);
    expect(bench.answers()).toBe(true);
    const gone = contested().event({ type: "AnnouncementGone", key: "web" }).wait(60_000);
    expect(gone.take()).toEqual([`${DEFEND_DELAY} RivalGone on 1`]);
    expect([gone.state.announcements.size, responder.nextDeadline(gone.state)]).toEqual([0, null]);
  });

  it("waits for one key's probe where two keys want it, and for none where it is announced already", () => {
    const bench = contested().announce("Defend", "other");
    expect(bench.answers()).toBe(false);
    const announced = new Bench().announce("Defend", "other");
    announced.take();
    expect(announced.probe().take()).toEqual(["0 TentativeChanged false"]);
  });

  it("is not handed over, and not probed, by a node that stops", () => {
    const bench = contested().event({ type: "HandoverStarted" }).wait(60_000);
    expect(bench.take()).toEqual([`${DEFEND_DELAY} RivalGone on 1`]);
    const yielding = contested().event({ type: "AnnouncementYielded", key: "web" });
    expect(yielding.wait(60_000).answers()).toBe(false);
    expect(yielding.state.announcements.size).toBe(0);
  });

  it("is one of thousands, whose probes go out in batches", () => {
    const addresses = Array.from({ length: 1_000 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}` as IpAddress);
    const bench = new Bench().probe(addresses);
    expect(bench.take()).toHaveLength(128);
    expect(bench.wait(200).take()).toHaveLength(872);
    bench.wait(3_000);
    expect(bench.take().filter((line) => line.endsWith("TentativeChanged false"))).toHaveLength(1_000);
  });
});
