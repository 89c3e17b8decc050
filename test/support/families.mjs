// Which tests belong together: by what they need, and by what they cost. Each test file is in one family.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** In order: the first that matches has the file; what none matches is a unit test. */
const FAMILIES = [
  // Need etcd 3.6 and 3.7, which Debian does not have: TROUPE_ETCD_BINARIES names a folder with them.
  { name: 'lines', match: /^test\/lab\/etcd\/(ladder|downgrade)\.test/ },
  // Three and five hosts, a minute each.
  { name: 'guards', match: /^test\/lab\/etcd\/(guards|peer_ca)\.test/ },
  { name: 'interruptions', match: /^test\/lab\/etcd\/interrupted.*/ },
  // Half of what the lab's tests take.
  { name: 'operations', match: /^test\/lab\/etcd\/(operations|takeover)\.test/ },
  { name: 'lab', match: /^test\/lab\// },
  { name: 'conformance', match: /^test\/conformance\// },
  { name: 'browser', match: /^test\/browser\// },
  { name: 'package', match: /^test\/package\// },
  { name: 'etcd', match: /^test\/(modules\/)?etcd\// },
  // A run killed at each of its moments: minutes.
  { name: 'resumes', match: /^test\/record\/moments\// },
  { name: 'kills', match: /\/(interrupted|cut|hostile|own|killed|kills)\.test\.ts$/ },
  {
    name: 'parts',
    match:
      /^test\/(remote|security|modules\/(hosts|files|system|commands|costs|library)|author\/types|cli\/(process|open_files))/,
  },
];

export const families = [...FAMILIES.map(({ name }) => name), 'unit'];

const familyOf = (file) => FAMILIES.find(({ match }) => match.test(file))?.name ?? 'unit';

/** The test files of a family, as paths from the project's directory. */
export function testFiles(name) {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file}`)
    .filter((file) => file.endsWith('.test.ts') && familyOf(file) === name)
    .sort();
}
