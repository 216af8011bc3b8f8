/** A part of the worker that can lack something. */
export type WorkerPart = "netlink" | "membership" | "BFD" | "interfaces";

/** The problems of the worker's parts as one text, told when it changes. */
export class ProblemReport {
  readonly #tell: (problem: string | null) => void;
  readonly #problems = new Map<WorkerPart, string>();
  #told: string | null | undefined;

  constructor(tell: (problem: string | null) => void) {
    this.#tell = tell;
  }

  /** Takes the problem of one part; null for none. */
  note(part: WorkerPart, problem: string | null): void {
    if (problem === null) this.#problems.delete(part);
    else this.#problems.set(part, problem);
    if (this.#told !== undefined) this.report();
  }

  /** Tells the problems, or null for none, unless it told the same before. The first call follows the start of every part. */
  report(): void {
    const problem = this.#problems.size === 0 ? null : [...this.#problems.values()].join("; ");
    if (problem === this.#told) return;
    this.#told = problem;
    this.#tell(problem);
  }
}
