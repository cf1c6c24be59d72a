/** From a request to a panorama: seed -> latents -> pictures -> panorama. */

import type { Image } from "../sky/image";
import { skyLatents } from "../sky/latents";
import { compose } from "../sky/panorama";
import type { Job } from "./job";
import type { Network } from "./network";
import { EngineError, isAllowed, type ModelEntry, type SkyRequest } from "./protocol";

/** The panorama of a request, in the size that the pictures give it, in Unity's orientation. */
export async function drawPanorama(network: Network, model: ModelEntry, request: SkyRequest, job: Job): Promise<Image> {
  const weights = classWeights(model, request);
  const latents = skyLatents(request.seed, model.layers, model.z_dim, request.pictures);
  // the ring's pictures and the zenith's; `mirror` uses the ring's first alone
  const drawn = request.method === "mirror" ? latents.slice(0, 1) : latents;
  const pictures: Image[] = [];
  for (const z of drawn) {
    const done = pictures.length / drawn.length;
    pictures.push(await job.step("model", done, () => network.draw(z, weights, request.psi)));
  }
  const zenith = pictures.at(-1);
  if (zenith === undefined) throw new RangeError("a sky has at least one picture");
  const ring = pictures.length > 1 ? pictures.slice(0, -1) : pictures;
  return job.step("panorama", 0, () => compose(ring, zenith, request.method, request.below));
}

/** Throws `EngineError` unless everything that a request asks for is allowed. */
export function checkRequest(request: SkyRequest, model: ModelEntry): void {
  const allowed =
    isAllowed.cloud(request.cloud, model) &&
    isAllowed.mixWith(request.mixWith, model) &&
    isAllowed.mixShare(request.mixShare, model) &&
    isAllowed.seed(request.seed, model) &&
    isAllowed.psi(request.psi, model) &&
    isAllowed.pictures(request.pictures, model) &&
    isAllowed.method(request.method, model) &&
    isAllowed.below(request.below, model);
  if (!allowed) throw new EngineError("defect", "This sky cannot be drawn: a setting is outside what is allowed.");
}

/** Weights (classes) of the cloud types, in float32 as skyserver/model.py computes them. */
function classWeights(model: ModelEntry, request: SkyRequest): Float32Array<ArrayBuffer> {
  const share = request.mixWith === null ? 0 : Math.fround(request.mixShare);
  return Float32Array.from(model.classes, ({ code }) => {
    const first = code === request.cloud ? Math.fround(1 - share) : 0;
    return first + (code === request.mixWith ? share : 0);
  });
}
