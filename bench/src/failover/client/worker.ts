/** The client's thread: it asks and sends on a beat, and hears answers and claims, so that nothing of the bench delays a time stamp. */
import { readlinkSync } from "node:fs";
import { createPollLoop, openWorkerMailbox } from "@herald-lb/host";
import { instant } from "@herald-lb/sansio";
import { openAsking } from "./asking.ts";
import { type Beat, startBeat } from "./beat.ts";
import type { ClientCommand, ClientPlace, ClientReport } from "./message.ts";
import type { Request } from "./request.ts";
import { openSending } from "./sending.ts";

/** A hundred requests a second. */
const EVERY = 10;
/** The wait for the last answers, in milliseconds. */
const LAST_ANSWERS = 250;

type Open = { -readonly [Field in keyof Request]: Request[Field] };

const loop = createPollLoop();
let asked: Open[] = [];
let sent: Open[] = [];
let beat: Beat | null = null;

const mailbox = openWorkerMailbox<ClientPlace, ClientCommand, ClientReport>(loop, (command) => {
  if (command.type === "Survey")
    asking.survey(command.addresses, (answers) => mailbox.post({ type: "Surveyed", answers }));
  else if (command.type === "Begin") begin(command.address);
  else end();
});
const asking = openAsking(loop, mailbox.data, {
  onAnswer: (lowBits, mac) => answer(asked, latestWith(lowBits), mac),
  onClaim: (claim) => mailbox.post({ type: "Claimed", claim }),
});
const sending = openSending(loop, mailbox.data, (sequence, node) => answer(sent, sequence, node));
mailbox.post({ type: "Started", thread: Number(readlinkSync("/proc/thread-self").split("/").at(-1)) });
loop.run();

function begin(address: string): void {
  asked = [];
  sent = [];
  beat = startBeat(loop.clock, EVERY, (now) => {
    asking.ask(address, asked.push(unanswered(now)) - 1);
    sending.send(address, sent.push(unanswered(now)) - 1);
  });
}

function end(): void {
  const late = beat?.end() ?? 0;
  loop.clock.wakeAt(instant(loop.clock.now() + LAST_ANSWERS), () => mailbox.post({ type: "Ended", asked, sent, late }));
}

function unanswered(now: number): Open {
  return { sent: now, answered: null, by: null, twice: false };
}

/** The last request whose number has these 15 lowest bits. */
function latestWith(lowBits: number): number {
  const last = asked.length - 1;
  return last - ((last - lowBits) & 0x7fff);
}

/** The first answer counts. */
function answer(requests: readonly Open[], sequence: number, by: string): void {
  const request = requests[sequence];
  if (request === undefined) return;
  if (request.by !== null) {
    request.twice ||= request.by !== by;
    return;
  }
  request.answered = loop.clock.now();
  request.by = by;
}
