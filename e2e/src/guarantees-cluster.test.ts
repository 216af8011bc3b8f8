/**
 * The rows of docs/guarantees.md in which the cluster around the announcer fails: its API server, a wall clock, the key of the membership, a
 * node's name. The figures are printed; what is asserted is who answers, and bounds that hold on any machine.
 */
import { type LabNode, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { buildTwin, ignoredMessages } from "./guarantees/twin.ts";
import { GAP_BOUND, type Seen, WatchedLab } from "./guarantees/watched-lab.ts";
import { WallClock } from "./guarantees/wall-clock.ts";

const HOUR = 3_600_000;
/** A speaker's time may be this far from the one that its clock was set to, in milliseconds. */
const CLOCK_BOUND = 60_000;
/** Requests of the client for which a state is watched: about five seconds. */
const REQUESTS = 100;
const assets = labAssets();

describe.skipIf(assets === null)("a client of an address on layer 2, in a cluster that fails", () => {
  const scope = new Scope();
  let watched: WatchedLab;

  const otherThan = (node: LabNode): LabNode => {
    const other = watched.lab.topology.nodes.find((each) => each !== node);
    if (other === undefined) throw new Error("the lab has one node");
    return other;
  };

  beforeAll(async () => {
    watched = await WatchedLab.start(scope, assets ?? "");
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(watched.report());
  });

  it("keeps its answers through a crash of the announcing speaker while there is no API server", async () => {
    const { lab, failing } = watched;
    await watched.happen(
      "API server gone, then crash (SIGKILL)",
      async (node) => {
        await lab.api.apiServer().stop("SIGKILL");
        await watched.speakerOf(node).stop("SIGKILL");
        await watched.untilOtherAnnounces(node);
        await expect(lab.cluster.kubectl(["get", "--raw", "/readyz"])).rejects.toThrow("refused");
      },
      async (node) => {
        await lab.api.restart();
        failing.restart(node);
      },
    );
  });

  it("notices nothing when the announcer's wall clock is set back an hour, and forward a day", async () => {
    const { failing } = watched;
    const node = await watched.announcer();
    const other = otherThan(node);
    const clock = new WallClock(scope);
    await watched.speakerOf(node).stop();
    failing.restart(node, clock.variables);
    await failing.untilWhole(node);
    // Three speakers that start at once may stand still for a moment.
    const started = watched.speakerOf(node).output().length;

    const { outage, double } = await watched.observe("wall clock set back 1 h, then forward 24 h", async (client) => {
      for (const shift of [-HOUR, 24 * HOUR]) {
        clock.shift(shift);
        await client.untilAsked(REQUESTS);
        // What the speaker logs of another tells its time.
        const since = failing.memberChanges(node).length;
        await watched.speakerOf(other).stop();
        failing.restart(other);
        const changes = await until(`${node.name} to see ${other.name} leave and join`, () => {
          const seen = failing.memberChanges(node).slice(since);
          return seen.some(({ left }) => left.includes(other.name)) && seen.at(-1)?.left.length === 0 && seen;
        });
        for (const { time } of changes)
          expect(Math.abs(Date.parse(time) - Date.now() - shift)).toBeLessThan(CLOCK_BOUND);
        await failing.untilWhole(node);
      }
    });
    expect(outage.lostMs).toBeLessThan(GAP_BOUND);
    // A clock that jumps is no pause: a speaker that took it for one would fall silent.
    expect(watched.speakerOf(node).output().slice(started)).not.toContain("stood still");
    expect(double).toBe(0);

    await watched.happen(
      "crash (SIGKILL) of a speaker whose wall clock is a day ahead",
      async () => {
        await watched.speakerOf(node).stop("SIGKILL");
        await watched.untilOtherAnnounces(node);
      },
      async () => failing.restart(node),
    );
  });

  it("is answered by both parts while the speakers' keys differ, and by one node once all have the new key", async () => {
    const { lab, failing } = watched;
    const node = await watched.announcer();
    const other = otherThan(node);
    const changed = await watched.observe("key changed, no speaker restarted", async (client) => {
      await lab.cluster.setMemberlistKey();
      await client.untilAsked(REQUESTS);
    });
    expect(changed.outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(changed.double).toBe(0);

    const parted = await watched.observe(
      "key changed, one speaker that does not announce restarted",
      async (client) => {
        await watched.speakerOf(other).stop();
        failing.restart(other);
        await lab.cluster.untilReady(watched.speakerOf(other), other.namespace.name);
        await client.untilAsked(REQUESTS);
      },
    );
    expect(parted.outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(claimants(parted)).toEqual(new Set([node.mac, other.mac]));
    expect(failing.memberChanges(other).every(({ alive }) => alive.length <= 1)).toBe(true);

    const { nodes } = lab.topology;
    const restarted = await watched.observe("key changed, all speakers restarted at once", async (client) => {
      await Promise.all(nodes.map((each) => watched.speakerOf(each).stop()));
      for (const each of nodes) failing.restart(each);
      await failing.untilWhole(node);
      await client.untilAsked(REQUESTS);
    });
    expect(restarted.outage.lostMs).toBeLessThan(GAP_BOUND);
    const whole = await watched.observe("all speakers have the new key", (client) => client.untilAsked(REQUESTS));
    expect(whole.outage.lostMs).toBeLessThan(GAP_BOUND);
    expect(claimants(whole)).toEqual(new Set([node.mac]));
    expect((await watched.announcer()).name).toBe(node.name);
  });

  it("is answered by a second speaker of the announcing node's name too, whom the others refuse, while the first goes on", async () => {
    const { lab, failing } = watched;
    const node = await watched.announcer();
    const other = otherThan(node);
    const machine = await buildTwin(scope, lab, node, assets ?? "");
    const othersOf = ({ name }: LabNode): readonly LabNode[] => lab.topology.nodes.filter((each) => each.name !== name);
    const refusals = async (named: LabNode): Promise<number> => {
      const counts = othersOf(named).map((each) => ignoredMessages(lab, each, "NameConflict"));
      return Math.min(...(await Promise.all(counts)));
    };

    for (const named of [other, node]) {
      const twin = { ...machine, name: named.name };
      const which = named === node ? "the announcing node" : "another node than the announcing one";
      const before = await refusals(named);
      const seen = othersOf(named).map((each) => failing.memberChanges(each).length);
      const speaker = lab.cluster.startSpeaker(twin);
      const beside = await watched.observe(`two speakers of the name of ${which}`, async (client) => {
        await lab.cluster.untilReady(speaker, twin.namespace.name);
        await until("every other to refuse the second speaker", async () => (await refusals(named)) > before);
        await client.untilAsked(REQUESTS);
      });
      expect(othersOf(named).map((each) => failing.memberChanges(each).length)).toEqual(seen);
      expect(beside.outage.lostMs).toBeLessThan(GAP_BOUND);
      expect(claimants(beside)).toEqual(new Set(named === node ? [node.mac, twin.mac] : [node.mac]));

      const ended = await watched.observe(
        `the second speaker of the name of ${which} is told to stop`,
        async (client) => {
          await speaker.stop();
          await client.untilAsked(REQUESTS);
          await failing.untilWhole(node);
        },
      );
      expect(ended.outage.lostMs).toBeLessThan(GAP_BOUND);
      expect((await watched.announcer()).name).toBe(node.name);
    }
  });

  /** The hardware addresses of those who claimed the address. */
  function claimants({ claims }: Seen): ReadonlySet<string> {
    return new Set(claims.filter(({ address }) => address === watched.address).map(({ mac }) => mac));
  }
});
