// The service worker, with the list of what it keeps, and the compressed twins of every file.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Plugin } from 'vite';

const COMPRESSED = /\.(html|js|css|svg|json|webmanifest|wasm|md)$/;
const NOT_KEPT = /(\.(br|gz|map|md)|sw\.js)$/;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** Every file of the app with its content's hash: what the service worker keeps, and when it is stale. */
function precacheOf(folder: string): { url: string; hash: string }[] {
  return filesBelow(folder)
    .filter((name) => !NOT_KEPT.test(name))
    .map((name) => ({
      url: name === 'index.html' ? './' : name,
      hash: createHash('sha256').update(readFileSync(join(folder, name))).digest('hex').slice(0, 16),
    }));
}

function compress(folder: string): void {
  for (const name of filesBelow(folder).filter((file) => COMPRESSED.test(file))) {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    if (bytes.length < 500) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

/** Builds src/sw.ts (if there is one) as one classic script: `__PRECACHE__` in it becomes the list of files. */
export function offline(): Plugin {
  let root = '';
  let folder = '';
  let target: unknown;
  return {
    name: 'liangpai-offline',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      folder = join(config.root, config.build.outDir);
      target = config.build.target;
    },
    async closeBundle() {
      const entry = join(root, 'src', 'sw.ts');
      if (existsSync(entry)) {
        await build({
          configFile: false,
          root,
          publicDir: false,
          logLevel: 'warn',
          define: { __PRECACHE__: JSON.stringify(precacheOf(folder)) },
          build: {
            target: target as string[],
            outDir: folder,
            emptyOutDir: false,
            copyPublicDir: false,
            lib: { entry, formats: ['iife'], name: 'worker', fileName: () => 'sw.js' },
          },
        });
      }
      compress(folder);
    },
  };
}
