/** From a panorama to files: resized, projected, PNG, zip. */

import { zipSync, type Zippable } from "fflate";
import type { Image } from "../sky/image";
import type { OrientationName } from "../sky/orientation";
import { resize } from "../sky/resample";
import { equirectToFaces, reorient } from "../sky/sphere";
import type { Job } from "./job";
import { toPng } from "./png";
import type { ExportedFile, ExportOptions, SkyRequest } from "./protocol";

/** Names of the faces +X -X +Y -Y +Z -Z. Unity's are the slots of its shader Skybox/6 Sided. */
const FACE_NAMES = {
  plain: ["px", "nx", "py", "ny", "pz", "nz"],
  unity: ["Left", "Right", "Up", "Down", "Front", "Back"],
} as const;

/** The file of a panorama, which is in Unity's orientation. */
export async function makeFile(
  panorama: Image,
  request: SkyRequest,
  options: ExportOptions,
  job: Job,
): Promise<ExportedFile> {
  const draw = options.layout === "panorama" ? panoramaPng : facePngs;
  return packFile(await draw(panorama, options.size, options.orientation, job), request, options);
}

/** The PNG of a panorama as it is, those of six faces as a zip. */
export async function packFile(
  pngs: readonly Blob[],
  request: SkyRequest,
  options: ExportOptions,
): Promise<ExportedFile> {
  const { cloud, mixWith, seed } = request;
  const stem = [cloud, ...(mixWith === null ? [] : [mixWith]), seed, options.layout, options.size].join("-");
  if (options.layout === "faces") return { name: `${stem}.zip`, blob: await zip(pngs, FACE_NAMES[options.naming]) };
  const [png] = pngs;
  if (png === undefined) throw new RangeError("a panorama is one picture");
  return { name: `${stem}.png`, blob: png };
}

async function panoramaPng(panorama: Image, size: number, orientation: OrientationName, job: Job): Promise<Blob[]> {
  const turned = await job.step("panorama", 0, () => reorient(resizePanorama(panorama, size), "unity", orientation));
  return [await job.step("encode", 0, () => toPng(turned))];
}

async function facePngs(panorama: Image, size: number, orientation: OrientationName, job: Job): Promise<Blob[]> {
  const faces = await job.step("panorama", 0, () =>
    equirectToFaces(resizePanorama(panorama, 4 * size), size, orientation),
  );
  const pngs: Blob[] = [];
  for (const face of faces) {
    pngs.push(await job.step("encode", pngs.length / faces.length, () => toPng(face)));
  }
  return pngs;
}

function resizePanorama(panorama: Image, width: number): Image {
  return panorama.width === width ? panorama : resize(panorama, width, width / 2, true);
}

/** The picture in 8 bits. */
export function toImageData(image: Image): ImageData {
  const { width, height, data } = image;
  const texels = new ImageData(width, height);
  const bytes = texels.data; // clamped: it rounds to the nearest, as numpy does
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    bytes[to] = 255 * (data[from] ?? 0);
    bytes[to + 1] = 255 * (data[from + 1] ?? 0);
    bytes[to + 2] = 255 * (data[from + 2] ?? 0);
    bytes[to + 3] = 255;
  }
  return texels;
}

async function zip(pngs: readonly Blob[], names: readonly string[]): Promise<Blob> {
  const files: Zippable = {};
  for (const [index, png] of pngs.entries()) {
    files[`${names[index]}.png`] = new Uint8Array(await png.arrayBuffer());
  }
  return new Blob([zipSync(files, { level: 0 })], { type: "application/zip" }); // PNGs do not shrink
}
