/** Skies drawn by the server that the page comes from, over gRPC-Web: the same request, the same sky. */

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import type { OrientationName } from "../sky/orientation";
import {
  Format,
  GenerateRequestSchema,
  Layout,
  Method,
  Orientation,
  SkyServer,
  type SkyEvent,
} from "../v1/skyserver_pb";
import { packFile } from "./export";
import type { Job } from "./job";
import {
  EngineError,
  PANORAMA_WIDTHS,
  type ErrorKind,
  type ExportedFile,
  type ExportOptions,
  type ModelEntry,
  type Sky,
  type SkyRequest,
  type Stage,
} from "./protocol";
import type { Studio } from "./studio";

const METHODS = { blend: Method.BLEND, mirror: Method.MIRROR };
const LAYOUTS = { panorama: Layout.PANORAMA, faces: Layout.FACES };
const ORIENTATIONS: Record<OrientationName, Orientation> = {
  unity: Orientation.UNITY,
  opengl: Orientation.OPENGL,
  unreal: Orientation.UNREAL,
  threejs: Orientation.THREEJS,
};
/** Our stages by the server's names. */
const STAGES: Readonly<Record<string, Stage>> = {
  model: "model",
  panorama: "panorama",
  upscale: "panorama",
  sphere: "panorama",
  encode: "encode",
};

const NO_TOKEN = "The server that draws for this page asks for a token. Whoever runs it can give you one.";
const UNKNOWN_TOKEN = "The server does not know this token. Correct it, or ask for a new one.";
const UNSAFE_TOKEN = "The server asks for a token, which must not travel unencrypted. Open this page over https.";
const USUAL_WAIT = 5000; // ms, of a busy server that does not say

type Output = Pick<ExportOptions, "layout" | "size" | "orientation">;

export class RemoteStudio implements Studio {
  readonly #client: Client<typeof SkyServer>;
  readonly #token: string;

  /** `token` is for a server that asks for one, else empty. */
  constructor(base: string, token: string) {
    this.#token = token;
    const interceptors = token === "" ? [] : [bearer(token)];
    this.#client = createClient(SkyServer, createGrpcWebTransport({ baseUrl: base, interceptors }));
  }

  async draw(model: ModelEntry, request: SkyRequest, job: Job): Promise<Sky> {
    const size = previewWidth(model);
    const [png] = await this.#pngs(model, request, { layout: "panorama", size, orientation: "unity" }, job);
    if (png === undefined) throw new ConnectError("no picture", Code.DataLoss);
    const preview = await createImageBitmap(png);
    const { width, height } = preview;
    return { model, request, width, height, preview, drawnBy: "server", threads: 0, seconds: job.seconds, notes: [] };
  }

  async export(model: ModelEntry, request: SkyRequest, options: ExportOptions, job: Job): Promise<ExportedFile> {
    return packFile(await this.#pngs(model, request, options, job), request, options);
  }

  /** The pictures of an output. */
  async #pngs(model: ModelEntry, request: SkyRequest, output: Output, job: Job): Promise<Blob[]> {
    const events = this.#client.generate(toMessage(model, request, output), { signal: job.signal });
    try {
      return await collect(events, job);
    } catch (error) {
      job.signal.throwIfAborted();
      throw toEngineError(ConnectError.from(error), this.#token !== "");
    }
  }
}

/** Shows the token with each call (RFC 6750, 2.1). */
function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}

/** Of those that the server makes, one with all the detail of the pictures. */
function previewWidth(model: ModelEntry): number {
  const detail = 4 * Math.min(model.width, model.height);
  return PANORAMA_WIDTHS.find((width) => width >= detail) ?? detail;
}

function toMessage(model: ModelEntry, request: SkyRequest, { layout, size, orientation }: Output) {
  const { cloud, mixWith, mixShare, seed, psi, pictures, method, below } = request;
  const output = { layout: LAYOUTS[layout], size, format: Format.PNG, orientation: ORIENTATIONS[orientation] };
  return create(GenerateRequestSchema, {
    cloud,
    model: model.digest,
    seed: seed.toString(),
    psi,
    pictures,
    method: METHODS[method],
    below,
    outputs: [output],
    mixWith: mixWith ?? "",
    mixShare,
  });
}

/** Artifacts of a stream, which is whole only if it ends in facts. */
async function collect(events: AsyncIterable<SkyEvent>, job: Job): Promise<Blob[]> {
  const artifacts: { type: string; chunks: Uint8Array<ArrayBuffer>[] }[] = [];
  for await (const { event } of events) {
    if (event.case === "progress") {
      const { stage, fraction } = event.value;
      job.report({ stage: STAGES[stage] ?? "model", done: fraction });
    } else if (event.case === "artifact") {
      artifacts.push({ type: event.value.mediaType, chunks: [] });
    } else if (event.case === "chunk") {
      artifacts.at(-1)?.chunks.push(new Uint8Array(event.value));
    } else if (event.case === "facts") {
      for (const { stage, seconds } of event.value.stages) job.add(STAGES[stage] ?? "model", seconds);
      return artifacts.map(({ type, chunks }) => new Blob(chunks, { type }));
    }
  }
  throw new ConnectError("the stream ended early", Code.DataLoss);
}

function toEngineError(error: ConnectError, hadToken: boolean): EngineError {
  const because = (kind: ErrorKind, message: string) => new EngineError(kind, message, { cause: error });
  switch (error.code) {
    case Code.Unauthenticated:
      if (!isSecureContext) return because("unsupported", UNSAFE_TOKEN);
      return because("unauthenticated", hadToken ? UNKNOWN_TOKEN : NO_TOKEN);
    case Code.ResourceExhausted: {
      const wait = Number(error.metadata.get("grpc-retry-pushback-ms")) || USUAL_WAIT;
      return because("server-busy", `The server cannot draw now: ${error.rawMessage}. Try again in ${Math.ceil(wait / 1000)} s.`);
    }
    case Code.DeadlineExceeded:
      return because("server-busy", "The server took too long. Try again later.");
    case Code.NotFound:
      return because("model-missing", "The server no longer has this model. Reload the page.");
    case Code.Unavailable:
    case Code.Unknown: // a failed fetch
      return because("offline", "The server does not answer. Check the connection, then try again.");
    default:
      return because("defect", `The server could not draw this sky (${error.rawMessage}). Try other settings.`);
  }
}
