/** The one worker of the page: nothing heavy runs on its main thread. */

import { checkRequest } from "./draw";
import { Job } from "./job";
import { LocalStudio } from "./local";
import {
  EngineError,
  type ExportedFile,
  type FromWorker,
  type JobRequest,
  type Settings,
  type Sky,
  type ToWorker,
} from "./protocol";
import { offline } from "./site";
import type { Studio } from "./studio";

const CANNOT_DRAW = "This browser cannot draw skies itself, so the server drew this one.";
const TOO_LITTLE_MEMORY = "This browser has not enough memory for this sky, so the server drew it.";

let settings: Settings;
let token: string; // for the server
let local: LocalStudio;
let canceller = new AbortController();

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "start") {
    ({ settings, token } = data);
    local = new LocalStudio(settings);
  } else if (data.type === "token") {
    ({ token } = data);
  } else if (data.type === "cancel") {
    canceller.abort(new EngineError("cancelled", "Cancelled."));
  } else {
    canceller = new AbortController();
    void answer(data, new Job(canceller.signal, (progress) => send({ type: "progress", progress })));
  }
});

async function answer(request: JobRequest, job: Job): Promise<void> {
  try {
    checkRequest(request.request, request.model);
    const result = await carryOut(request, job);
    send({ type: "done", result }, "preview" in result ? [result.preview] : []);
  } catch (error) {
    const { kind, message } = toEngineError(error);
    send({ type: "failed", kind, message });
  }
}

/** On this computer, or where it cannot and there is a server, by the server. */
async function carryOut(request: JobRequest, job: Job): Promise<Sky | ExportedFile> {
  if (settings.backend === "server") return ask(await remote(), request, job);
  try {
    return await ask(local, request, job);
  } catch (error) {
    const { kind } = toEngineError(error);
    const note = kind === "unsupported" ? CANNOT_DRAW : kind === "out-of-memory" ? TOO_LITTLE_MEMORY : null;
    if (note === null || !settings.catalogue.server) throw error;
    const result = await ask(await remote(), request, job);
    return "notes" in result ? { ...result, notes: [note] } : result;
  }
}

function ask(studio: Studio, request: JobRequest, job: Job): Promise<Sky | ExportedFile> {
  return request.type === "draw"
    ? studio.draw(request.model, request.request, job)
    : studio.export(request.model, request.request, request.options, job);
}

/** Most pages never need it. */
async function remote(): Promise<Studio> {
  const { RemoteStudio } = await import("./remote");
  return new RemoteStudio(settings.base, token);
}

function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/imported module|importing a module/i.test(text)) return offline(error); // how three browsers say it
  if (error instanceof RangeError || /memory|allocat/i.test(text)) {
    const message = "There is not enough memory for this. Close other pages, or choose a smaller size.";
    return new EngineError("out-of-memory", message, { cause: error });
  }
  if (text.includes("no available backend")) {
    const message = "This browser cannot draw skies. Use a current Chrome, Edge, Firefox or Safari.";
    return new EngineError("unsupported", message, { cause: error });
  }
  const message = `This sky could not be drawn (${text}). Try again, or reload the page.`;
  return new EngineError("defect", message, { cause: error });
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
