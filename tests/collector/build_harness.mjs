// node build_harness.mjs COLLECTOR_FOLDER OUT_FOLDER: the harness as one file, harness.js.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [collector, out] = process.argv.slice(2);
const vite = await import(pathToFileURL(join(collector, 'node_modules/vite/dist/node/index.js')));
const { config } = await vite.loadConfigFromFile({ command: 'build', mode: 'production' }, join(collector, 'vite.config.ts'), collector);
await vite.build({
  configFile: false,
  root: collector,
  publicDir: false,
  logLevel: 'warn',
  resolve: config.resolve,
  plugins: config.plugins.filter((plugin) => plugin.name !== 'liangpai-offline'),
  build: {
    outDir: out,
    emptyOutDir: true,
    minify: false,
    lib: { entry: join(dirname(fileURLToPath(import.meta.url)), 'harness.ts'), formats: ['iife'], name: 'harness', fileName: () => 'harness.js' },
  },
});
