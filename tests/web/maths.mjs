// Calls the page's maths for tests/web/node_maths.py: one line of JSON in, one out.
//
//     node maths.mjs WEB_FOLDER BUILD_FOLDER
//
// A call is {module, function, arguments}, the answer {result, seconds}. Arrays travel as files of
// float32: {file, width, height} is a picture, {file} a list of numbers. A BigInt is {bigint}.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [web, built] = process.argv.slice(2).map((folder) => resolve(folder));
const MODULES = {
  latents: "src/sky/latents.ts",
  resample: "src/sky/resample.ts",
  sphere: "src/sky/sphere.ts",
  panorama: "src/sky/panorama/index.ts",
};

const vite = await import(pathToFileURL(createRequire(join(web, "package.json")).resolve("vite")));
await vite.build({
  root: web,
  configFile: false,
  publicDir: false,
  logLevel: "error",
  build: { ssr: true, outDir: built, rolldownOptions: { input: MODULES } },
});

let files = 0;

async function toFile(value) {
  if (Array.isArray(value)) return Promise.all(value.map(toFile));
  const { data, width, height } = value instanceof Float32Array ? { data: value } : value;
  const file = join(built, `${files++}.made`);
  await writeFile(file, data);
  return { file, width, height };
}

async function fromFile(value) {
  if (Array.isArray(value)) return Promise.all(value.map(fromFile));
  if (value?.bigint !== undefined) return BigInt(value.bigint);
  if (value?.file === undefined) return value;
  const { buffer } = new Uint8Array(await readFile(value.file));
  return { width: value.width, height: value.height, channels: 3, data: new Float32Array(buffer) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  const module = await import(pathToFileURL(join(built, `${call.module}.js`)));
  const values = await fromFile(call.arguments);
  const start = performance.now();
  const result = module[call.function](...values);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ result: await toFile(result), seconds }));
}
