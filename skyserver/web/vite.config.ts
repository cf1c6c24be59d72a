import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

const SERVICE_WORKER = "service-worker";

/**
 * Tells the service worker which files the page is made of: its `__SITE_FILES__` becomes an array of their addresses,
 * relative to the page. Most carry hashes, so the worker's bytes change with them.
 */
function siteFiles(): Plugin {
  let publicDir: string;
  return {
    name: "site-files",
    apply: "build",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    async generateBundle(_options, bundle) {
      const worker = bundle[`${SERVICE_WORKER}.js`];
      if (worker?.type !== "chunk") throw new Error("the service worker is missing");
      const copied = await filesIn(publicDir);
      const names = [...Object.keys(bundle), ...copied].filter((name) => name !== worker.fileName);
      worker.code = worker.code.replace("__SITE_FILES__", () => JSON.stringify(names.sort()));
    },
  };
}

/** Files below a folder by their paths relative to it, with `/`. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

/** Writes `<file>.br` and `<file>.gz` beside each file that shrinks by more than a tenth, for skyserver/site.py. */
function precompress(): Plugin {
  const compressible = /\.(html|js|mjs|css|json|svg|wasm|webmanifest)$/;
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir }) {
      if (dir === undefined) throw new Error("the build has no folder");
      const files = (await filesIn(dir)).filter((name) => compressible.test(name));
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

export default defineConfig({
  base: "./", // the page works below any folder
  plugins: [siteFiles(), precompress()],
  // the wasm runtime is a file of its own that the engine names, not one that each bundle carries
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy forbids data: but for images
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500, // kB: A-Frame with three.js; tests/web/test_web_weight.py has the budget
    rolldownOptions: {
      checks: { pluginTimings: false }, // compressing takes its time
      input: { page: "index.html", [SERVICE_WORKER]: "src/service-worker.ts" },
      output: {
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
