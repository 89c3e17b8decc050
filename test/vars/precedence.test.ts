import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { loadInventory } from '../../engine/inventory/index.ts';
import type { Dict } from '../../engine/values.ts';
import { type LevelName, PRECEDENCE, precedencePage } from '../../engine/vars/precedence.ts';
import { type ScopeSources, VarScope } from '../../engine/vars/scope.ts';
import { Variables } from '../../engine/vars/variables.ts';
import { LEVEL_NAMES, projectOf } from './levels.mjs';

const recorded = JSON.parse(readFileSync(new URL('precedence.json', import.meta.url), 'utf8')) as {
  levels: [LevelName, LevelName];
  winner: LevelName;
}[];

/** Where the levels that do not come from inventory and folders enter a scope. */
const ENTRIES: { [level: string]: (dict: Dict) => ScopeSources } = {
  'loop variables': (dict) => ({ loopVars: dict }),
  'magic variables': (dict) => ({ magic: (name) => dict.get(name) }),
  'extra vars': (dict) => ({ extraVars: dict }),
  'include parameters': (dict) => ({ includeParams: [dict] }),
  'role parameters': (dict) => ({ roleParams: [dict] }),
  'set_fact and register': (dict) => ({ setFacts: dict }),
  include_vars: (dict) => ({ includeVars: dict }),
  'task vars': (dict) => ({ taskVars: dict }),
  'block vars': (dict) => ({ blockVars: [dict] }),
  'role vars': (dict) => ({ roleVars: [dict] }),
  'play vars_files': (dict) => ({ playVarsFiles: [dict] }),
  'play vars_prompt': (dict) => ({ playVarsPrompt: dict }),
  'play vars': (dict) => ({ playVars: dict }),
  'host facts': (dict) => ({ factVars: dict }),
  'role defaults': (dict) => ({ roleDefaults: [dict] }),
  'command line values': (dict) => ({ cliVars: dict }),
};

/** A scope for host h1 in which the given levels set `x` to their names; inventory levels come from real files. */
async function scopeWith(levels: string[], folder: string): Promise<VarScope> {
  for (const [name, text] of Object.entries(projectOf(levels.filter((l) => LEVEL_NAMES.includes(l))).files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const inventory = await loadInventory(['inv/hosts'], { cwd: folder });
  const variables = Variables.load({ inventory, playbookDir: folder });
  const sources = levels.map((level) => ENTRIES[level]?.(new Map([['x', level]])) ?? {});
  return new VarScope(Object.assign({ inventory: variables.forHost('h1') }, ...sources), {});
}

describe('precedence of variables', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'precedence-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const { levels, winner } of recorded) {
    it(`as in stock Ansible: ${levels.join(' over ')}`, async () => {
      expect((await scopeWith(levels, folder)).value('x')).to.equal(winner);
    });
  }

  for (let i = 0; i + 1 < PRECEDENCE.length; i++) {
    const levels = [PRECEDENCE[i]!.name, PRECEDENCE[i + 1]!.name];
    it(`as the table says: ${levels.join(' over ')}`, async () => {
      const scope = await scopeWith(levels, folder);
      expect([scope.value('x'), scope.where('x')?.level.name]).to.deep.equal([levels[0], levels[0]]);
    });
  }

  it('has a recorded answer for every pair of neighbours that a variable can be set in', () => {
    // The engine sets magic variables, and options of the command line set no variable in Ansible.
    const settable = PRECEDENCE.map((l) => l.name).filter(
      (n) => n !== 'magic variables' && n !== 'command line values',
    );
    expect(LEVEL_NAMES).to.deep.equal(settable);
    expect(recorded.map((r) => r.levels)).to.deep.equal(settable.slice(1).map((name, i) => [settable[i], name]));
  });

  it('is documented by docs/precedence.md', () => {
    const page = readFileSync(new URL('../../docs/precedence.md', import.meta.url), 'utf8');
    expect(page, 'write it again: node --import tsx test/vars/write_precedence.ts').to.equal(precedencePage());
  });
});
