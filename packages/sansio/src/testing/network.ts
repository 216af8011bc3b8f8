import { createDriver, type Driver } from "../driver.ts";
import { instant, type Machine } from "../machine.ts";
import { createRandom } from "./random.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

/** The behaviour of the links of a virtual network. A change holds for messages that are sent after it. */
export interface LinkConditions {
  /** Milliseconds that every delivery takes. */
  delay: number;
  /** Up to so many milliseconds more, drawn for each delivery: what is sent later may arrive earlier. */
  jitter: number;
  /** The share that is lost, 0 to 1. */
  loss: number;
}

/** Machines joined by links in virtual time. */
export interface VirtualNetwork<Message> {
  readonly clock: VirtualClock;
  readonly conditions: LinkConditions;
  /** Adds a machine; `perform` gets its effects and a way to send, `deliver` says which event a message becomes. */
  readonly join: <State, Event, Effect>(node: NetworkNode<State, Event, Effect, Message>) => Driver<State, Event>;
  /** Takes a machine away without a word, as SIGKILL would. */
  readonly kill: (name: string) => void;
  /** Cuts (or mends) both directions between two nodes. */
  readonly setCut: (a: string, b: string, cut: boolean) => void;
  /** Lets `milliseconds` pass. */
  readonly run: (milliseconds: number) => void;
  /** Everything that was sent, in order, also what was lost. */
  readonly sent: readonly { readonly from: string; readonly to: string; readonly message: Message }[];
}

/** One machine of a virtual network. */
export interface NetworkNode<State, Event, Effect, Message> {
  readonly name: string;
  readonly machine: Machine<State, Event, Effect>;
  readonly initial: State;
  readonly deliver: (from: string, message: Message) => Event;
  readonly perform: (effect: Effect, send: (to: string, message: Message) => void) => void;
}

/** Makes an empty network; the same `seed` loses and reorders the same messages. */
export function createVirtualNetwork<Message>(
  options: { readonly seed?: number; readonly conditions?: Partial<LinkConditions> } = {},
): VirtualNetwork<Message> {
  const random = createRandom(options.seed ?? 1);
  const clock = createVirtualClock();
  const conditions: LinkConditions = { delay: 1, jitter: 0, loss: 0, ...options.conditions };
  const inboxes = new Map<string, (from: string, message: Message) => void>();
  const stops = new Map<string, () => void>();
  const cuts = new Set<string>();
  const sent: { from: string; to: string; message: Message }[] = [];

  const send = (from: string, to: string, message: Message): void => {
    sent.push({ from, to, message });
    if (random() < conditions.loss || !inboxes.has(from)) return;
    const after = conditions.delay + random() * conditions.jitter;
    clock.wakeAt(instant(clock.now() + after), () => {
      if (!cuts.has(link(from, to))) inboxes.get(to)?.(from, message);
    });
  };

  return {
    clock,
    conditions,
    sent,
    join(node) {
      const driver = createDriver({
        machine: node.machine,
        initial: node.initial,
        clock,
        perform: (effect) => node.perform(effect, (to, message) => send(node.name, to, message)),
      });
      inboxes.set(node.name, (from, message) => driver.dispatch(node.deliver(from, message)));
      stops.set(node.name, () => driver.stop());
      return driver;
    },
    kill(name) {
      stops.get(name)?.();
      inboxes.delete(name);
    },
    setCut(a, b, cut) {
      if (cut) cuts.add(link(a, b));
      else cuts.delete(link(a, b));
    },
    run: (milliseconds) => clock.advanceBy(milliseconds),
  };
}

function link(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}
