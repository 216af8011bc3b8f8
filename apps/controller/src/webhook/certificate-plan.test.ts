import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CertificateFacts,
  type CertificateState,
  type CertificateStep,
  lifetimesOf,
  planCertificates,
} from "./certificate-plan.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const LIFETIMES = lifetimesOf(90 * DAY);

/** A certificate made so many days before `NOW`. */
function certificate(fingerprint: string, age: number, lifetime: number): CertificateFacts {
  const made = NOW - age * DAY;
  return { fingerprint, notBefore: made - LIFETIMES.backdate, notAfter: made + lifetime };
}
const authority = (fingerprint: string, age: number): CertificateFacts =>
  certificate(fingerprint, age, LIFETIMES.authority);
const serving = (issuer: string | null, age: number, named = true): NonNullable<CertificateState["serving"]> => ({
  ...certificate("leaf", age, LIFETIMES.serving),
  issuer,
  named,
});
const state = (
  authorities: readonly CertificateFacts[],
  signer: string | null,
  leaf: CertificateState["serving"],
): CertificateState => ({ authorities, signer, serving: leaf });

const NOTHING = state([], null, null);
const SOUND = state([authority("a", 1)], "a", serving("a", 1));
/** The days after which an authority is due, and is over. */
const DUE = 36 * 90;
const OVER = 40 * 90;

describe("lifetimesOf", () => {
  it("gives replicas time to look twice before something is taken as known, and that before anything ends", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 10_000 * DAY }), (wanted) => {
        const {
          interval,
          propagation,
          servingRenewal,
          authorityRenewal,
          serving: lasts,
          authority: longest,
        } = lifetimesOf(wanted);
        expect(propagation).toBeGreaterThanOrEqual(2 * interval);
        expect(servingRenewal).toBeGreaterThanOrEqual(2 * propagation);
        expect(authorityRenewal).toBeGreaterThanOrEqual(2 * propagation + lasts);
        expect(longest).toBeGreaterThan(authorityRenewal + lasts);
      }),
    );
  });
});

describe("planCertificates", () => {
  it.each<{
    name: string;
    state: CertificateState;
    trusted?: readonly string[] | null;
    later?: number;
    step: CertificateStep["type"];
    keep?: readonly string[];
  }>([
    { name: "nothing there", state: NOTHING, step: "MakeBoth", keep: [] },
    { name: "all sound", state: SOUND, step: "Keep" },
    { name: "a day before renewal", state: SOUND, later: 58 * DAY, step: "Keep" },
    { name: "a third of its life left", state: SOUND, later: 59 * DAY, step: "MakeServing", keep: ["a"] },
    { name: "over", state: SOUND, later: 89 * DAY, step: "MakeServing", keep: ["a"] },
    { name: "an hour before its beginning", state: SOUND, later: -25 * 3_600_000, step: "Keep" },
    { name: "the clock set back before everything", state: SOUND, later: -3 * DAY, step: "MakeBoth", keep: [] },
    { name: "the clock set ahead beyond everything", state: SOUND, later: 5000 * DAY, step: "MakeBoth", keep: [] },
    {
      name: "for another name",
      state: state([authority("a", 1)], "a", serving("a", 1, false)),
      step: "MakeServing",
      keep: ["a"],
    },
    {
      name: "garbage for a certificate",
      state: state([authority("a", 1)], "a", null),
      step: "MakeServing",
      keep: ["a"],
    },
    {
      name: "garbage for a certificate, and the authority due",
      state: state([authority("a", DUE)], "a", null),
      step: "MakeBoth",
      keep: ["a"],
    },
    {
      name: "a certificate that no trusted authority signed",
      state: state([authority("a", 1)], "a", serving(null, 1)),
      step: "MakeServing",
      keep: ["a"],
    },
    {
      name: "a certificate whose authority is over, with a sound one beside it",
      state: state([authority("a", 1), authority("b", OVER)], "a", serving("b", 1)),
      step: "MakeServing",
      keep: ["a"],
    },
    {
      name: "a foreign authority without its key, and its sound certificate",
      state: state([authority("foreign", 1)], null, serving("foreign", 1)),
      step: "MakeAuthority",
      keep: ["foreign"],
    },
    {
      name: "a foreign authority without its key, and its certificate over",
      state: state([authority("foreign", 200)], null, serving("foreign", 200)),
      step: "MakeBoth",
      keep: ["foreign"],
    },
    {
      name: "the authority due",
      state: state([authority("a", DUE)], "a", serving("a", 1)),
      step: "MakeAuthority",
      keep: ["a"],
    },
    { name: "the authority not yet due", state: state([authority("a", DUE - 1)], "a", serving("a", 1)), step: "Keep" },
    {
      name: "the authority over",
      state: state([authority("a", OVER)], "a", serving("a", 1)),
      step: "MakeBoth",
      keep: [],
    },
    {
      name: "a new authority just made",
      state: state([authority("b", 0), authority("a", DUE)], "b", serving("a", 1)),
      step: "Keep",
    },
    {
      name: "a new authority that nobody was told of",
      state: state([authority("b", 1), authority("a", DUE)], "b", serving("a", 1)),
      trusted: ["a"],
      step: "Keep",
    },
    {
      name: "a new authority that is trusted",
      state: state([authority("b", 1), authority("a", DUE)], "b", serving("a", 1)),
      step: "MakeServing",
      keep: ["b", "a"],
    },
    {
      name: "a new authority, and nobody to be told",
      state: state([authority("b", 1), authority("a", DUE)], "b", serving("a", 1)),
      trusted: null,
      step: "MakeServing",
      keep: ["b", "a"],
    },
    {
      name: "an old authority, while replicas may still serve by it",
      state: state([authority("b", 1), authority("a", DUE)], "b", serving("b", 0)),
      step: "Keep",
    },
    {
      name: "an old authority that nobody serves by",
      state: state([authority("b", 1), authority("a", DUE)], "b", serving("b", 1)),
      step: "DropAuthorities",
      keep: ["b"],
    },
    {
      name: "an old authority that is over",
      state: state([authority("b", 1), authority("a", OVER)], "b", serving("b", 1)),
      step: "DropAuthorities",
      keep: ["b"],
    },
  ])("$name: $step", ({ state: given, trusted = ["a", "b", "foreign"], later = 0, step, keep }) => {
    const planned = planCertificates(given, trusted === null ? null : new Set(trusted), NOW + later, LIFETIMES);
    expect(planned.type).toBe(step);
    expect("keep" in planned ? planned.keep : undefined).toEqual(keep);
  });
});

/** A Secret, a trust bundle and a clock: what the rotator would do, done on facts. */
class World {
  state: CertificateState = NOTHING;
  trusted: ReadonlySet<string> = new Set();
  now = NOW;
  made = 0;
  readonly steps: string[] = [];

  pass(): void {
    const step = planCertificates(this.state, this.trusted, this.now, LIFETIMES);
    if (step.type !== "Keep") {
      this.steps.push(step.type);
      const kept = this.state.authorities.filter(({ fingerprint }) => step.keep.includes(fingerprint));
      let { signer, serving: leaf } = this.state;
      let authorities = kept;
      if (step.type === "MakeBoth" || step.type === "MakeAuthority") {
        signer = `authority ${++this.made}`;
        authorities = [this.#fresh(signer, LIFETIMES.authority), ...kept];
      }
      if (step.type === "MakeBoth" || step.type === "MakeServing")
        leaf = { ...this.#fresh(`leaf ${++this.made}`, LIFETIMES.serving), named: true, issuer: signer };
      this.state = { authorities, signer, serving: leaf };
    }
    this.trusted = new Set(this.state.authorities.map(({ fingerprint }) => fingerprint));
  }

  #fresh(fingerprint: string, lifetime: number): CertificateFacts {
    return { fingerprint, notBefore: this.now - LIFETIMES.backdate, notAfter: this.now + lifetime };
  }

  /** True while an API server with the right time would accept the certificate that is served. */
  get works(): boolean {
    const { serving: leaf, authorities } = this.state;
    const holds = (one: CertificateFacts): boolean => one.notBefore <= this.now && this.now < one.notAfter;
    const issuer = authorities.find(({ fingerprint }) => fingerprint === leaf?.issuer);
    return (
      leaf !== null && issuer !== undefined && holds(leaf) && holds(issuer) && this.trusted.has(issuer.fingerprint)
    );
  }
}

describe("twenty-five years of passes", () => {
  it("serve without a gap, renew in time, and trust no more than they must", () => {
    const world = new World();
    world.pass();
    for (let day = 0; day < 25 * 365; day++) {
      world.now += DAY;
      // What is served before the pass is what was served until now.
      expect(world.works).toBe(true);
      const before = world.trusted;
      world.pass();
      expect(before.has(world.state.serving?.issuer ?? "")).toBe(true);
      expect(world.state.authorities.length).toBeLessThanOrEqual(2);
    }
    const count = (type: string): number => world.steps.filter((step) => step === type).length;
    expect(count("MakeBoth")).toBe(1);
    expect(count("MakeAuthority")).toBe(2);
    expect(count("DropAuthorities")).toBe(2);
    expect(count("MakeServing")).toBeGreaterThan((25 * 365) / 61);
    expect(count("MakeServing")).toBeLessThan((25 * 365) / 58);
  });

  it("heal whatever the Secret is made to hold, and wherever the clock jumps", () => {
    const facts = fc.record({
      fingerprint: fc.constantFrom("a", "b", "c"),
      notBefore: fc.integer({ min: NOW - 5000 * DAY, max: NOW + 5000 * DAY }),
      notAfter: fc.integer({ min: NOW - 5000 * DAY, max: NOW + 5000 * DAY }),
    });
    const one = fc.constantFrom("a", "b", "c", null);
    const any = fc.record({
      authorities: fc.uniqueArray(facts, { maxLength: 3, selector: ({ fingerprint }) => fingerprint }),
      signer: one,
      serving: fc.option(
        fc.tuple(facts, one, fc.boolean()).map(([leaf, issuer, named]) => ({ ...leaf, issuer, named })),
      ),
    });
    fc.assert(
      fc.property(any, fc.array(fc.integer({ min: -4000, max: 4000 }), { maxLength: 5 }), (given, jumps) => {
        const world = new World();
        world.state = given;
        for (const jump of [0, ...jumps]) {
          world.now += jump * DAY;
          world.pass();
          expect(world.works).toBe(true);
          expect(world.state.serving?.named).toBe(true);
        }
        const steps = world.steps.length;
        for (let passes = 0; passes < 6; passes++) {
          world.now += LIFETIMES.propagation;
          world.pass();
        }
        expect(world.works).toBe(true);
        expect(world.steps.length - steps).toBeLessThanOrEqual(3);
        expect(world.state.authorities).toHaveLength(1);
      }),
    );
  });
});
