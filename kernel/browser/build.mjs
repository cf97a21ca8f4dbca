// Makes dist/lab.js and dist/lab.css: JupyterLab's own notebook (cells, output
// areas, services, editor) as one page, without the shell around it.
import esbuild from "esbuild";
import fs from "node:fs";

// Images named in style sheets become data URLs, icons imported by code texts.
const images = {
  name: "images",
  setup(build) {
    build.onResolve({ filter: /\.svg$/ }, async args => {
      if (args.pluginData === "resolving") return;
      const found = await build.resolve(args.path, { kind: args.kind, resolveDir: args.resolveDir, pluginData: "resolving" });
      return { path: found.path, namespace: args.kind === "url-token" ? "image" : "text" };
    });
    build.onLoad({ filter: /.*/, namespace: "image" }, args => ({ contents: fs.readFileSync(args.path), loader: "dataurl" }));
    build.onLoad({ filter: /.*/, namespace: "text" }, args => ({ contents: fs.readFileSync(args.path, "utf8"), loader: "text" }));
  },
};
const empty = "./page/empty.js"; // modules of Node.js that nothing on this page calls

await esbuild.build({
  entryPoints: { lab: "page/app.js" }, outdir: "dist", bundle: true, format: "iife", minify: true,
  define: { "process.env.NODE_ENV": '"production"', "process.env.NODE_DEBUG": '""', "process.platform": '"linux"', global: "globalThis" },
  alias: { path: "path-browserify", stream: empty, crypto: empty, fs: empty, url: empty, "source-map-js": empty },
  loader: { ".png": "dataurl", ".gif": "dataurl", ".woff": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl", ".eot": "dataurl" },
  plugins: [images], logLevel: "warning",
});
