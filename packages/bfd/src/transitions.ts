import type { SessionStateName } from "./control-packet.ts";

/** The state machine of RFC 5880 §6.8.6 and §6.2: the next state by this side's state and the State field received. */
export const TRANSITIONS: Readonly<Record<SessionStateName, Readonly<Record<SessionStateName, SessionStateName>>>> = {
  AdminDown: { AdminDown: "AdminDown", Down: "AdminDown", Init: "AdminDown", Up: "AdminDown" },
  Down: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Down" },
  Init: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Up" },
  Up: { AdminDown: "Down", Down: "Down", Init: "Up", Up: "Up" },
};
