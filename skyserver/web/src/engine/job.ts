/** One job of the worker: its progress, its times and its end. */

import type { Progress, Stage } from "./protocol";

export class Job {
  /** Rejects a wait for something else, such as a download, when the page cancels. */
  readonly signal: AbortSignal;
  /** In each stage so far. */
  readonly seconds: Partial<Record<Stage, number>> = {};
  readonly #report: (progress: Progress) => void;

  constructor(signal: AbortSignal, report: (progress: Progress) => void) {
    this.signal = signal;
    this.#report = report;
  }

  report(progress: Progress): void {
    this.#report(progress);
  }

  /** Does one step, of which the stage is `done` (0 to 1) before it, unless the page has cancelled. */
  async step<Result>(stage: Stage, done: number, work: () => Result | Promise<Result>): Promise<Result> {
    await nextTask(); // lets a message from the page in
    this.signal.throwIfAborted();
    this.#report({ stage, done });
    const start = performance.now();
    const result = await work();
    this.add(stage, (performance.now() - start) / 1000);
    return result;
  }

  /** Says that a stage took so many seconds more. */
  add(stage: Stage, seconds: number): void {
    this.seconds[stage] = (this.seconds[stage] ?? 0) + seconds;
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
