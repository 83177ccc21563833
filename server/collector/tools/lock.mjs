// Takes addresses out of package-lock.json: what npm writes of sponsors is of no use to a build. Where packages come from
// is the registry's business (.npmrc leaves that out), which bytes they are stands in `integrity`.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  delete entry.resolved;
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
