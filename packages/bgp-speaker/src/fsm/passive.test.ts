import { describe, expect, it } from "vitest";
import type { FsmEventType } from "./event.ts";
import { createFsm } from "./fsm.ts";
import { at, config, events, open, states } from "./fsm.test.support.ts";
import type { FsmState } from "./state.ts";

describe("a passive session", () => {
  const passive = createFsm({ ...config, passive: true });
  const after = (state: FsmState, ...types: readonly FsmEventType[]): FsmState =>
    types.reduce((now, type) => passive.step(now, events[type], at(500)).state, state);

  it("waits for the peer's connection without a timer, and opens none", () => {
    for (const type of ["ManualStart", "ManualStart_with_PassiveTcpEstablishment", "IdleHoldTimer_Expires"] as const) {
      const step = passive.step(states.Idle(), events[type], at(500));
      expect(step).toMatchObject({ state: { name: "Active" }, effects: [] });
      expect(passive.nextDeadline(step.state)).toBeNull();
    }
  });

  it("opens none for a ConnectRetryTimer of the time before it was passive", () => {
    expect(passive.step(states.Active(), events.ConnectRetryTimer_Expires, at(500)).effects).toEqual([]);
  });

  it("waits again after a connection that closed before the peer's OPEN, and pauses after any other failure", () => {
    const waiting = after(states.Idle(), "ManualStart_with_PassiveTcpEstablishment");
    expect(passive.nextDeadline(after(waiting, "TcpConnectionConfirmed", "TcpConnectionFails"))).toBeNull();
    const failed = after(waiting, "TcpConnectionConfirmed", "NotifMsg");
    expect(failed.name).toBe("Idle");
    const pause = passive.nextDeadline(failed);
    expect(pause).not.toBeNull();
    expect(passive.advance(failed, pause ?? at(0)).state.name).toBe("Active");
  });
});

describe("DelayOpen", () => {
  const delayed = createFsm({ ...config, delayOpenTime: 5_000 });

  it("lets our OPEN wait for the peer's, five seconds and no longer", () => {
    for (const type of ["Tcp_CR_Acked", "TcpConnectionConfirmed"] as const) {
      for (const start of [states.Connect(), states.Active()]) {
        const open = delayed.step(start, events[type], at(500));
        expect(open.effects).toEqual([]);
        expect(delayed.nextDeadline(open.state)).toBe(5_500);
        const late = delayed.advance(open.state, at(5_500));
        expect(late).toMatchObject({ state: { name: "OpenSent" }, effects: [{ message: { type: "OPEN" } }] });
        const early = delayed.step(open.state, events.BGPOpen, at(600));
        expect(early).toMatchObject({
          state: { name: "OpenConfirm" },
          effects: [{ message: { type: "OPEN" } }, { message: { type: "KEEPALIVE" } }],
        });
      }
    }
  });

  it("sends our OPEN before it refuses the peer's", () => {
    const step = delayed.step(states.ActiveDelayed(), { type: "BGPOpen", open: open(65002) }, at(500));
    expect(step).toMatchObject({
      state: { name: "Idle" },
      effects: [
        { message: { type: "OPEN" } },
        { message: { type: "NOTIFICATION", code: 2, subcode: 2 } },
        { type: "DropTcp", graceful: true },
      ],
    });
  });
});
