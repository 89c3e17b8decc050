/** The few options of the command line that cases of the corpus use, as options of a run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOptions } from '../../engine/index.ts';
import { type Dict, Source } from '../../engine/values.ts';
import { decryptVault, isVault, parseKeyValues, parseYaml, type VaultSecret } from '../../engine/yaml/index.ts';

/** `['--tags', 'a', '-e', 'x=1']` to options. */
export function parseArgv(args: readonly string[], place: string): Partial<RunOptions> {
  const options: Partial<RunOptions> = {};
  const extra: Dict = new Map();
  for (let i = 0; i < args.length; i++) {
    const next = () => String(args[++i]);
    switch (String(args[i])) {
      case '-t':
      case '--tags':
        options.tags = [...(options.tags ?? []), ...next().split(',')];
        break;
      case '--skip-tags':
        options.skipTags = [...(options.skipTags ?? []), ...next().split(',')];
        break;
      case '-l':
      case '--limit':
        options.limit = next();
        break;
      case '-i':
        options.inventory = [...(options.inventory ?? ['hosts']), next()];
        break;
      case '-u':
        options.user = next();
        break;
      case '-c':
        options.connection = next();
        break;
      case '--private-key':
        options.privateKeyFile = next();
        break;
      case '-T':
        options.timeout = Number(next());
        break;
      case '-e':
        for (const [key, value] of extraVars(next(), place, [...(options.vault ?? [])])) extra.set(key, value);
        break;
      case '-C':
      case '--check':
        options.check = true;
        break;
      case '-D':
      case '--diff':
        options.diff = true;
        break;
      case '--start-at-task':
        options.startAtTask = next();
        break;
      case '--force-handlers':
        options.forceHandlers = true;
        break;
      case '--vault-password-file':
        options.vault = [{ id: 'default', password: readFileSync(join(place, next()), 'utf8').trim() }];
        break;
      default:
        throw new Error(`the corpus does not know the option ${args[i]}`);
    }
  }
  if (extra.size > 0) options.extraVars = extra;
  return options;
}

function extraVars(text: string, place: string, secrets: VaultSecret[]): Dict {
  if (text.startsWith('@')) {
    const path = text.slice(1);
    const content = readFileSync(join(place, path), 'utf8');
    const plain = isVault(content) ? decryptVault(content, secrets) : content;
    return parseYaml(new Source(path, plain)) as Dict;
  }
  if (/^[[{]/.test(text)) return parseYaml(new Source('-e', text)) as Dict;
  return parseKeyValues(text).values;
}
