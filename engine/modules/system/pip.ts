import { ModuleFailure } from '../../errors.ts';
import { quoteWords, remotePath } from '../../remote/quote.ts';
import { atLeastOneOf, atMostOneOf, bool, list, path, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { outputs, splitWords } from '../parts/output.ts';

export default defineModule({
  name: 'pip',
  doc: 'Installs Python packages with the pip of the host.',
  reference: 'ansible.builtin.pip',
  args: {
    name: list(str(), { doc: 'Packages, with version specifiers if wanted, or addresses.' }),
    version: str({ doc: 'Version of the one package.' }),
    requirements: str({ doc: 'A requirements file, on the host.' }),
    virtualenv: path({ doc: 'A virtual environment to install into; made if missing.' }),
    virtualenv_site_packages: bool({ doc: "It sees the system's packages.", default: false }),
    virtualenv_command: path({ doc: 'Command that makes it.', default: 'virtualenv' }),
    virtualenv_python: str({ doc: 'Python for it.' }),
    state: str({
      doc: 'What they should be.',
      default: 'present',
      choices: ['absent', 'forcereinstall', 'latest', 'present'],
    }),
    extra_args: str({ doc: 'Further options of pip.' }),
    editable: bool({ doc: 'Install in editable mode.', default: false }),
    chdir: path({ doc: 'Change into this directory first.' }),
    executable: path({ doc: 'The pip to use.' }),
    umask: str({ doc: 'umask for it, octal.' }),
    break_system_packages: bool({ doc: "Allow it in a system's own Python.", default: false }),
  },
  rules: [
    atLeastOneOf('name', 'requirements'),
    atMostOneOf('name', 'requirements'),
    atMostOneOf('executable', 'virtualenv'),
  ],
  check: 'full',
  returns: { cmd: 'The command.', name: 'Packages.', version: 'Version.', virtualenv: 'The environment.' },
  examples: `- pip:
    name: [flask==3.0.3, gunicorn]
    virtualenv: /opt/app/venv
`,
  async run(args, { remote, check }) {
    const { state, version } = args;
    if (state === 'latest' && version !== undefined)
      throw new ModuleFailure('version is incompatible with state=latest');
    const names = rejoin(args.name ?? []);
    if (version !== undefined && names.length > 1) {
      throw new ModuleFailure(
        "'version' argument is ambiguous when installing multiple package distributions. Please specify version restrictions next to each package in 'name' argument.",
      );
    }
    if (version !== undefined && names[0] !== undefined && /[<>=~!]/.test(names[0])) {
      throw new ModuleFailure(
        "The 'version' argument conflicts with any version specifier provided along with a package name. Please keep the version specifier, but remove the 'version' argument.",
      );
    }
    const option = names.find((name) => name.startsWith('-'));
    if (option !== undefined) throw new ModuleFailure(`pip: a package can't be called ${option}`);
    const packages =
      version === undefined ? names : names.map((n) => `${n}${/^[<>=~!]/.test(version) ? '' : '=='}${version}`);
    const extra = splitWords(args.extra_args ?? '');
    if (args.editable && !extra.includes('-e')) extra.push('-e');
    const variables = {
      p_state: state,
      p_virtualenv: remotePath(args.virtualenv),
      p_virtualenv_command: args.virtualenv_command,
      p_site: args.virtualenv_site_packages,
      p_python: args.virtualenv_python,
      p_chdir: remotePath(args.chdir),
      p_executable: remotePath(args.executable),
      p_umask: args.umask,
      p_break: args.break_system_packages,
      p_extra: quoteWords(extra),
      p_words: quoteWords(args.requirements === undefined ? packages : ['-r', args.requirements]),
    };
    const script = shell('pip', import.meta.url);
    const common = {
      name: args.name ?? null,
      version: version ?? null,
      state,
      requirements: args.requirements ?? null,
      virtualenv: args.virtualenv ?? null,
    };
    // What pip list tells is enough for plain names; the rest only pip itself can judge.
    const plain =
      args.requirements === undefined &&
      extra.length === 0 &&
      (state === 'present' || state === 'absent') &&
      packages.every((p) => parse(p) !== undefined);
    const look = await remote.call(script, { ...variables, p_run: !plain && !check });
    if (check && look.changes.includes('virtualenv')) return changed(true, common);
    const installed = versions(look.get('list'));
    if (plain) {
      const right = packages.every((p) => satisfied(parse(p)!, installed) === (state === 'present'));
      if (right) return changed(look.changes.length > 0, common);
      if (check) return changed(true, common);
    } else if (check) return changed(true, common);
    const ran = plain ? await remote.call(script, { ...variables, p_run: true }) : look;
    const rc = Number(ran.get('rc') || 0);
    const said = {
      cmd: splitWords(ran.get('cmd').replaceAll("'", '')),
      ...outputs(ran.get('stdout'), ran.stderr, false),
    };
    const out = ran.get('stdout') + ran.stderr.toString();
    if (rc !== 0 && !(state === 'absent' && /not installed/.test(out))) {
      throw new ModuleFailure(`stdout: ${ran.get('stdout')}\n:stderr: ${ran.stderr}`, { rc, ...common, ...said });
    }
    const did = state === 'absent' ? 'Successfully uninstalled' : 'Successfully installed';
    const made = [...look.changes, ...ran.changes].includes('virtualenv');
    return changed(ran.get('stdout').includes(did) || made, { ...common, ...said });
  },
});

/** `name: foo>1,<2` was split at its comma as a list: a part that begins with an operator belongs to the one before. */
function rejoin(parts: string[]): string[] {
  const names: string[] = [];
  for (const part of parts.map((p) => p.trim()).filter((p) => p !== '')) {
    if (/^[<>=~!]/.test(part) && names.length > 0) names[names.length - 1] += `,${part}`;
    else names.push(part);
  }
  return names;
}

interface Wish {
  name: string;
  specifiers: [operator: string, version: string][];
}

const normal = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');

/** `name[extra]>=1,<2`; undefined for an address, a marker or what else only pip understands. */
function parse(text: string): Wish | undefined {
  const match = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*((?:(?:==|>=|<=|!=|<|>)\s*[\w.]+\s*,?\s*)*)$/.exec(text);
  if (!match || match[2]) return undefined;
  const specifiers = [...match[3]!.matchAll(/(==|>=|<=|!=|<|>)\s*([\w.]+)/g)].map((m): [string, string] => [
    m[1]!,
    m[2]!,
  ]);
  return specifiers.every(([, v]) => /^\d+(\.\d+)*$/.test(v)) ? { name: normal(match[1]!), specifiers } : undefined;
}

function versions(list: string): Map<string, string> {
  return new Map([...list.matchAll(/^([\w.-]+)==(\S+)$/gm)].map((m) => [normal(m[1]!), m[2]!]));
}

function satisfied(wish: Wish, installed: Map<string, string>): boolean {
  const has = installed.get(wish.name);
  if (has === undefined) return false;
  return wish.specifiers.every(([operator, version]) => {
    const order = compare(has, version);
    return { '==': order === 0, '>=': order >= 0, '<=': order <= 0, '!=': order !== 0, '<': order < 0, '>': order > 0 }[
      operator
    ]!;
  });
}

function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((v) => v.split('.').map((n) => Number.parseInt(n, 10) || 0)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
