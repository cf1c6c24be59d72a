/** What the page says about a sky and the work on it. Labels of controls stand where the controls are. */

import type { ModelEntry, Progress, Sky, SkyRequest } from "../engine/protocol";

/** `cumulus` as a heading. */
export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function cloudName(model: ModelEntry, code: string): string {
  return capitalized(model.classes.find((cloud) => cloud.code === code)?.name ?? code);
}

/** As in `Cumulus with 30 % cirrus`. */
export function skyTitle(model: ModelEntry, { cloud, mixWith, mixShare }: SkyRequest): string {
  const name = cloudName(model, cloud);
  if (mixWith === null) return name;
  return `${name} with ${Math.round(mixShare * 100)} % ${cloudName(model, mixWith).toLowerCase()}`;
}

/** As in `Seed 7 · drawn in this browser in 2.4 s · WebAssembly, 2 threads`. */
export function skyFacts({ request, drawnBy, threads, seconds }: Sky): string {
  // getting the model ready happens once and says nothing about the sky
  const { model = 0, panorama = 0, encode = 0 } = seconds;
  const time = model + panorama + encode;
  const took = time < 0.1 ? "less than 0.1 s" : `${time.toFixed(1)} s`;
  const places = {
    webgpu: `drawn in this browser in ${took} · WebGPU`,
    wasm: `drawn in this browser in ${took} · WebAssembly, ${threads === 1 ? "1 thread" : `${threads} threads`}`,
    server: `drawn by the server in ${took}, because this browser cannot`,
  };
  return `Seed ${request.seed} · ${places[drawnBy]}`;
}

export function progressText({ stage, done, bytes }: Progress): string {
  switch (stage) {
    case "download":
      return bytes === undefined ? "Getting ready" : `Downloading the model: ${megabytes(bytes.received)} of ${megabytes(bytes.total)} MB`;
    case "compile":
      return "Preparing the model";
    case "model":
      return `Drawing the clouds: ${Math.round(done * 100)} %`;
    case "panorama":
      return "Joining the pictures to a sky";
    case "encode":
      return "Writing the picture";
  }
}

/** Shares of a bar that each stage gets, in their order: about how long they take. */
const SHARES = { download: 0.15, compile: 0.1, model: 0.5, panorama: 0.2, encode: 0.05 };

/** How far all the work is, 0 to 1. */
export function overall({ stage, done }: Progress): number {
  let before = 0;
  for (const [name, share] of Object.entries(SHARES)) {
    if (name === stage) return before + done * share;
    before += share;
  }
  return before;
}

/** Bytes in megabytes, with one decimal. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
