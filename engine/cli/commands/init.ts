/** `run init`: the beginning of a project, a role or a module. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Command } from '../command_table.ts';
import { type Console, EXIT, InputError } from '../console.ts';
import { parseOptions } from '../options/option_table.ts';

const USAGE = 'run init project|role|module NAME';

export const command: Command = {
  usage: USAGE,
  doc: `Writes the beginning of a project with a playbook in TypeScript, of a role that can be a package, or of a module in library/. Files that
are there already are left alone, and refuse it.

  run init project web && cd web && npm install && run site.ts`,
  options: [],
  run: init,
};

/** Of files that are written, which are no imports of this one. */
const IMPORT = 'import';

type Files = Readonly<Record<string, string>>;

async function init(console: Console): Promise<number> {
  const { words } = parseOptions(console.args, []);
  const [kind, name] = words;
  if (words.length !== 2 || !name || !kind || !Object.hasOwn(KINDS, kind))
    throw new UsageError('what is to be begun, and its name?', USAGE);
  const short = basename(name);
  const pattern = kind === 'module' ? /^[a-z][a-z0-9_]*$/ : /^[A-Za-z][\w.-]*$/;
  if (!pattern.test(short))
    throw new UsageError(
      `\`${short}\` cannot be the name of a ${kind}`,
      kind === 'module' ? 'use small letters, digits and `_`' : USAGE,
    );
  const { folder, files } = KINDS[kind]!(name, short, console.version);
  const root = resolve(console.cwd, folder);
  const there = Object.keys(files).find((file) => existsSync(join(root, file)));
  if (there !== undefined) throw new InputError(`${join(folder, there)} is there already`, 'choose another name');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.out.write(`${join(folder, file)}\n`);
  }
  return EXIT.ok;
}

const KINDS: Readonly<
  Record<string, (name: string, short: string, version: string) => { folder: string; files: Files }>
> = {
  project: (name, short, version) => ({ folder: name, files: project(short, version) }),
  role: (name, short) => ({ folder: name.includes('/') ? name : join('roles', name), files: role(short) }),
  module: (name) => ({ folder: 'library', files: { [`${name}.ts`]: module(name) } }),
};

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

function project(name: string, version: string): Files {
  return {
    'package.json': json({
      name: name.toLowerCase(),
      private: true,
      type: 'module',
      scripts: { check: 'tsc --noEmit', deploy: 'run site.ts -i hosts' },
      devDependencies: { '@types/node': '^20', esbuild: '>=0.25', troupe: `^${version}`, typescript: '>=5' },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2022',
        skipLibCheck: true,
        types: ['node'],
      },
      include: ['**/*.ts'],
    }),
    hosts: 'localhost ansible_connection=local\n',
    'site.ts': `import { play, playbook, tpl } from 'troupe';
${IMPORT} { copy } from 'troupe/modules';

export default playbook(
  play('all', { gather_facts: false }, [
    copy({ content: tpl\`{{ inventory_hostname | shout }}\`, dest: '/tmp/hello' }, { name: 'Say hello' }),
  ]),
);
`,
    'filters/text.ts': `/** Filters of this project: functions of plain values. */
export const filters = {
  shout: (text: string): string => \`\${text.toUpperCase()}!\`,
};
`,
  };
}

function role(name: string): Files {
  return {
    'package.json': json({
      name: name.toLowerCase(),
      version: '0.1.0',
      type: 'module',
      files: ['tasks', 'handlers', 'defaults', 'templates'],
      troupe: { role: '.' },
    }),
    'tasks/main.ts': `import { tasks, tpl } from 'troupe';
${IMPORT} { debug } from 'troupe/modules';

export default tasks(
  debug({ msg: tpl\`${name} has {{ ${variable(name)}_size }}\` }, { name: 'Show the size' }),
);
`,
    'defaults/main.yml': `${variable(name)}_size: 3\n`,
  };
}

const variable = (name: string): string => name.toLowerCase().replace(/\W/g, '_');

const module = (name: string): string => `import { args, changed, defineModule } from 'troupe';

export default defineModule({
  name: '${name}',
  doc: 'What it does, in one sentence.',
  args: { text: args.str({ doc: 'What to say.', required: true }) },
  check: 'full',
  returns: { said: { type: 'str', doc: 'What was said.' } },
  async run({ text }, env) {
    // In check mode nothing is changed.
    if (env.check) return changed(true, { said: text });
    const reply = await env.remote.raw('uname -n');
    return changed(true, { said: \`\${text} from \${reply.stdout.toString().trim()}\` });
  },
});
`;
