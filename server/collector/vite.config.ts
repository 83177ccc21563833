import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { offline } from './tools/offline.ts';
import { enketoPatches } from './tools/patches.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Enketo's own parts that are ours to give, and the large ones that are left out (docs/collector.md says which).
const enketo = {
  'enketo/config': here('./src/enketo/config.ts'),
  'enketo/widgets': here('./src/enketo/widgets.ts'),
  'enketo/translator': here('./src/enketo/translator.ts'),
  'enketo/dialog': here('./src/enketo/dialog.ts'),
  'enketo/file-manager': here('./src/enketo/file-manager.ts'),
  'enketo/xpath-evaluator-binding': here('./src/enketo/xpath-evaluator-binding.ts'),
  'leaflet.gridlayer.googlemutant': here('./src/enketo/nothing.ts'),
  'leaflet-draw': here('./src/enketo/nothing.ts'),
  leaflet: here('./src/enketo/nothing.ts'),
  'node-forge': here('./src/enketo/nothing.ts'),
};

export default defineConfig({
  base: '/collect/',
  resolve: { alias: enketo },
  plugins: [enketoPatches(), offline()],
  build: {
    // Cheap and old: Huawei's and WeChat's browsers, iOS 15.
    target: ['chrome87', 'safari15', 'firefox91'],
    outDir: 'dist',
    assetsDir: 'assets',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
