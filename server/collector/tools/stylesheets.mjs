// Puts the two stylesheets that turn an XForm into Enketo's form, with their licence, where forms/transform.py reads
// them. They are enketo-transformer's (Apache-2.0), unchanged.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, '..', 'node_modules', 'enketo-transformer');
const to = join(here, '..', '..', '..', 'forms', 'stylesheets');

mkdirSync(to, { recursive: true });
for (const name of ['openrosa2html5form.xsl', 'openrosa2xmlmodel.xsl']) {
  const module = await import(join(from, 'dist', 'enketo-transformer', 'xsl', `${name}.js`));
  writeFileSync(join(to, name), module.default);
}
copyFileSync(join(from, 'LICENSE'), join(to, 'LICENSE'));
