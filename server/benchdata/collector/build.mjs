// node build.mjs COLLECTOR OTHERS OUT: the pages of the bench. OTHERS is a folder with @getodk/web-forms and sass, or "":
// then web-forms has no page, and enketo-core stands there without its own looks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [collector, others, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const vite = await import(pathToFileURL(join(collector, 'node_modules/vite/dist/node/index.js')));
const { config } = await vite.loadConfigFromFile({ command: 'build', mode: 'production' }, join(collector, 'vite.config.ts'), collector);
const core = join(collector, 'node_modules/enketo-core');
mkdirSync(join(out, 'style'), { recursive: true });
writeFileSync(join(out, 'style', 'style.css'), others ? await bareStyle(join(others, 'node_modules')) : '');
const nothing = join(collector, 'src/enketo/nothing.ts');
const bare = {
  'enketo/config': join(core, 'config.js'),
  'enketo/widgets': join(core, 'src/js/widgets.js'),
  'enketo/translator': join(core, 'src/js/fake-translator.js'),
  'enketo/dialog': join(core, 'src/js/fake-dialog.js'),
  'enketo/file-manager': join(core, 'src/js/file-manager.js'),
  'enketo/xpath-evaluator-binding': join(core, 'src/js/xpath-evaluator-binding.js'),
  'leaflet.gridlayer.googlemutant': nothing,
  'leaflet-draw': nothing,
  '@collector': collector,
  '@bare': join(out, 'style'),
};
const pages = [['ours', 'ours.ts', config.resolve.alias], ['bare', 'bare.js', bare]];
if (others) {
  const packages = join(others, 'node_modules');
  pages.push(['webforms', 'webforms.js', {
    '@webforms': join(packages, '@getodk/web-forms/dist'),
    vue: join(packages, 'vue/dist/vue.runtime.esm-bundler.js'),
  }]);
}
for (const [name, entry, alias] of pages) {
  await vite.build({
    configFile: false, root: collector, publicDir: false, logLevel: 'error', resolve: { alias }, css: config.css,
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
    build: {
      target: config.build.target, outDir: join(out, name), emptyOutDir: true, cssCodeSplit: false,
      rollupOptions: { input: join(here, entry), output: { entryFileNames: 'page.js', assetFileNames: 'page[extname]' }, preserveEntrySignatures: 'strict' },
    },
  });
  writeFileSync(join(out, name, 'index.html'),
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    + '<link rel="stylesheet" href="page.css"><link rel="icon" href="data:,"><div id="root"></div>'
    + '<script type="module" src="page.js"></script></html>');
}

async function bareStyle(packages) {
  const sass = await import(pathToFileURL(join(packages, 'sass/sass.node.mjs')));
  const { css } = sass.compile(join(here, 'bare.scss'), {
    loadPaths: [join(collector, 'node_modules')], quietDeps: true, logger: sass.Logger.silent,
  });
  return css;
}
