// node build.mjs COLLECTOR_FOLDER OUT_FOLDER: the screens on a phone in memory, as one page.
import { cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [collector, out] = process.argv.slice(2);
const vite = await import(pathToFileURL(join(collector, 'node_modules/vite/dist/node/index.js')));
const { config } = await vite.loadConfigFromFile({ command: 'build', mode: 'production' }, join(collector, 'vite.config.ts'), collector);
await vite.build({
  configFile: false,
  root: collector,
  base: './',
  publicDir: false,
  logLevel: 'warn',
  resolve: config.resolve,
  build: {
    outDir: out,
    emptyOutDir: false,
    minify: false,
    target: 'esnext',
    assetsInlineLimit: 0,
    lib: { entry: join(dirname(fileURLToPath(import.meta.url)), 'entry.ts'), formats: ['es'], fileName: () => 'screens.js', cssFileName: 'screens' },
  },
});
cpSync(join(collector, 'public', 'icon.svg'), join(out, 'icon.svg'));
writeFileSync(join(out, 'index.html'), '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<title>.</title><link rel="icon" href="icon.svg"><link rel="stylesheet" href="screens.css"></head><body><div id="app"></div><script type="module" src="screens.js"></script></body></html>');
