import { defaultClientConditions, defineConfig } from "vite";
import { licences, notePackages } from "./plugins/licences.ts";
import { precompress } from "./plugins/precompress.ts";
import { siteFiles } from "./plugins/site-files.ts";

const SERVICE_WORKER = "service-worker";
const CHECKS = { pluginTimings: false }; // compressing takes its time

export default defineConfig({
  base: "./", // the page works below any folder
  plugins: [notePackages(), licences("licences.txt"), siteFiles(`${SERVICE_WORKER}.js`), precompress()],
  // the wasm runtime is a file of its own that the engine names, not one that each bundle carries
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es", plugins: () => [notePackages()], rolldownOptions: { checks: CHECKS } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy forbids data: but for images
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500, // kB: A-Frame with three.js; tests/web/test_web_site.py has the budget
    rolldownOptions: {
      checks: CHECKS,
      input: { page: "index.html", [SERVICE_WORKER]: "src/service-worker.ts" },
      output: {
        // its address stays the same: browsers look there for a newer one
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
