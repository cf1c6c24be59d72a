import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";
import { filesIn } from "./files-in.ts";

const COMPRESSIBLE = /\.(html|js|mjs|css|json|svg|txt|wasm|webmanifest)$/;

/** Writes `<file>.br` and `<file>.gz` beside each file that shrinks by more than a tenth, for skyserver/site.py. */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) throw new Error("the build has no folder");
      const files = (await filesIn(dir)).filter((name) => COMPRESSIBLE.test(name));
      await Promise.all(files.map((name) => compress(join(dir, name))));
    },
  };
}

async function compress(file: string): Promise<void> {
  const data = await readFile(file);
  const isRuntime = file.endsWith(".wasm"); // tens of megabytes, of which the last few percent would take minutes
  const quality = isRuntime ? 6 : constants.BROTLI_MAX_QUALITY;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: data.length };
  const forms = new Map([["br", await promisify(brotliCompress)(data, { params })]]);
  // for plain http from another machine, where browsers know no brotli; nor do they run the runtime there
  if (!isRuntime) forms.set("gz", await promisify(gzip)(data, { level: 9 }));
  for (const [suffix, small] of forms) {
    if (small.length < 0.9 * data.length) await writeFile(`${file}.${suffix}`, small);
  }
}
