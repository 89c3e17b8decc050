import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The operating rules that the library follows: families and how many each has. */
const rules = { T: 11, G: 6, U: 9, M: 9, B: 4, R: 8, X: 5 };

const filesOf = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

describe('the operating rules of the etcd library', () => {
  it('are each named in a test', () => {
    const texts = ['test/etcd', 'test/lab/etcd', 'test/modules/etcd', 'test/pki']
      .flatMap((folder) => filesOf(folder, /\.test\.ts$/))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const all = Object.entries(rules).flatMap(([family, count]) =>
      Array.from({ length: count }, (_, i) => `${family}-${String(i + 1).padStart(2, '0')}`),
    );
    expect(all.filter((id) => !new RegExp(`\\b${id}\\b`).test(texts))).to.deep.equal([]);
  });

  it('I-19, R-07: nothing asks for what gives up safety', () => {
    const forbidden = /force-new-cluster|unsafe-no-fsync|(?:peer-)?auto-tls|skip-hash-check/;
    const found = ['roles', 'playbooks', 'group_vars']
      .flatMap((folder) => filesOf(folder, /./))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => forbidden.test(line)),
      );
    // The list of what etcd_extra_flags may not have.
    expect(found).to.deep.equal(['preflight_forbidden: [auto-tls, peer-auto-tls, unsafe-no-fsync]']);
  });
});
