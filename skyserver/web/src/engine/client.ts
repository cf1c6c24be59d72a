/** The page's handle on the engine: promises in place of messages. */

import {
  EngineError,
  type Catalogue,
  type ExportedFile,
  type ExportOptions,
  type FromWorker,
  type JobRequest,
  type ModelEntry,
  type Progress,
  type Settings,
  type Sky,
  type SkyRequest,
  type ToWorker,
} from "./protocol";
import { offline } from "./site";
import { keepToken, keptToken } from "./token";

const MOST_THREADS = 4; // more of them gain little on networks of this size
/** Of this computer's. The others are left to the page: threads that wait for each other do so in a busy loop. */
const SHARE_OF_CORES = 1 / 2;

export interface JobOptions {
  /** Rejects with `EngineError` of kind `cancelled` and stops the work. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Starts the worker at the first job. Jobs wait for each other. */
export class Engine {
  readonly #settings: Settings;
  #token = keptToken();
  #worker: Worker | undefined;
  #previous: Promise<unknown> = Promise.resolve();
  #abandon: ((error: EngineError) => void) | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Draws a sky. All failures are `EngineError`s. */
  draw(model: ModelEntry, request: SkyRequest, options: JobOptions = {}): Promise<Sky> {
    return this.#enqueue<Sky>({ type: "draw", model, request }, options);
  }

  /**
   * Makes a file of a sky. The latest few skies are kept in full precision; an older one is drawn again.
   * All failures are `EngineError`s.
   */
  export(sky: Sky, what: ExportOptions, options: JobOptions = {}): Promise<ExportedFile> {
    const { model, request } = sky;
    return this.#enqueue<ExportedFile>({ type: "export", model, request, options: what }, options);
  }

  /** Sends the server this token from now on, as long as the visit lasts. */
  authorize(token: string): void {
    this.#token = token;
    keepToken(token);
    if (this.#worker !== undefined) send(this.#worker, { type: "token", token });
  }

  /** Ends the worker; what is under way is cancelled. */
  close(): void {
    this.#closed = true;
    this.#abandon?.(cancelled());
    this.#stop();
  }

  #enqueue<Result extends Sky | ExportedFile>(job: JobRequest, options: JobOptions): Promise<Result> {
    const result = this.#previous.then(() => this.#run(job, options));
    this.#previous = result.catch(() => undefined);
    return result as Promise<Result>; // the worker answers each type of job with its own type of result
  }

  async #run(job: JobRequest, { signal, onProgress }: JobOptions): Promise<Sky | ExportedFile> {
    if (this.#closed || signal?.aborted) throw cancelled();
    const worker = (this.#worker ??= this.#start());
    const cancel = () => send(worker, { type: "cancel" });
    signal?.addEventListener("abort", cancel);
    try {
      return await new Promise((resolve, reject) => {
        this.#abandon = reject;
        // a script that does not come is a plain event
        worker.onerror = (event) => reject(event instanceof ErrorEvent ? stopped(event) : offline(event));
        worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
          if (data.type === "progress") onProgress?.(data.progress);
          else if (data.type === "done") resolve(data.result);
          else reject(new EngineError(data.kind, data.message));
        };
        send(worker, job);
      });
    } catch (error) {
      // ONNX Runtime does not recover from a failed start, and only a worker's end gives all memory back
      if (!(error instanceof EngineError && error.kind === "cancelled")) this.#stop();
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "skyserver" });
    send(worker, { type: "start", settings: this.#settings, token: this.#token });
    return worker;
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Settings from `?backend=wasm&threads=1` in the page's address, both optional; other values count as absent. */
export function settingsFrom(query: URLSearchParams, base: string, catalogue: Catalogue): Settings {
  const backend = query.get("backend");
  const threads = query.get("threads") ?? "";
  return {
    base,
    catalogue,
    backend: backend === "webgpu" || backend === "wasm" || backend === "server" ? backend : "auto",
    threads: /^[1-9]\d?$/.test(threads) ? Number(threads) : defaultThreads(),
  };
}

function defaultThreads(): number {
  return Math.min(Math.ceil(navigator.hardwareConcurrency * SHARE_OF_CORES), MOST_THREADS);
}

function stopped(event: ErrorEvent): EngineError {
  const message = "The part of the page that draws skies has stopped. Try again, or reload the page.";
  return new EngineError("defect", message, { cause: event.message });
}

function cancelled(): EngineError {
  return new EngineError("cancelled", "Cancelled.");
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
