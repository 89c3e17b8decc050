import { ModuleFailure } from '../../errors.ts';
import { isDict, toPlain, type Value } from '../../values.ts';
import { atMostOneOf, bool, list, path, raw, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { attributeArgs } from '../parts/attributes.ts';
import { readFile, writeFile } from '../parts/edit.ts';

export default defineModule({
  name: 'ini_file',
  doc: 'Sets options in the sections of an INI file.',
  reference: 'community.general.ini_file',
  args: {
    path: path({ doc: 'The file.', required: true, aliases: ['dest'] }),
    section: str({ doc: 'The section; without one the part above the first.' }),
    section_has_values: list(raw(), { doc: 'Only the section that has these options too: {option, value | values}.' }),
    option: str({ doc: 'The option; without one the whole section.' }),
    value: str({ doc: 'Its value.' }),
    values: list(str(), { doc: 'Its values, one line each.' }),
    backup: bool({ doc: 'Keep a dated copy of what was there.', default: false }),
    state: str({ doc: 'Whether it shall be there.', default: 'present', choices: ['absent', 'present'] }),
    exclusive: bool({ doc: 'Other lines of the option are removed.', default: true }),
    no_extra_spaces: bool({ doc: 'No blanks around =.', default: false }),
    ignore_spaces: bool({ doc: 'A line that differs only in blanks stays.', default: false }),
    allow_no_value: bool({ doc: 'The option may stand without a value.', default: false }),
    modify_inactive_option: bool({ doc: 'A line that is commented out may be used.', default: true }),
    create: bool({ doc: 'Make the file if it is missing.', default: true }),
    follow: bool({ doc: 'Write through a link.', default: false }),
    ...attributeArgs,
  },
  rules: [atMostOneOf('value', 'values')],
  check: 'full',
  returns: { msg: 'What was done.', path: 'The file.', backup_file: 'Name of the backup.' },
  examples: `- ini_file:
    path: /etc/app/app.ini
    section: server
    option: port
    value: "8080"
`,
  async run(args, env) {
    if (args.state === 'present' && !args.allow_no_value && args.value === undefined && !args.values?.length) {
      throw new ModuleFailure("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.");
    }
    const edit = { ...args, replaceLink: !args.follow };
    const values = args.value !== undefined ? [args.value] : [...new Set(args.values ?? [])];
    const has = (args.section_has_values as Value[] | undefined)?.map(condition);
    const edited = (text: string) => {
      const ini = new Ini(text, { ...args, section: args.section ?? '', values, has });
      ini.apply();
      return ini;
    };
    const fresh = args.create && !env.check ? edited('') : undefined;
    const file = await readFile(edit, env.remote, fresh?.changed ? Buffer.from(fresh.text()) : undefined);
    if (!file.exists && !args.create) throw new ModuleFailure(`Destination ${file.path} does not exist!`, { rc: 257 });
    const before = file.content.toString('utf8').replace(/^\ufeff/, '');
    const ini = edited(before);
    const after = ini.text();
    const written = await writeFile(file, ini.changed ? Buffer.from(after) : undefined, edit, env);
    const attributes = written.attributes && !env.check;
    const header = `${file.path} (content)`;
    const result: Record<string, unknown> = {
      msg: ini.msg,
      path: file.path,
      ...(env.check && !file.exists ? {} : written.info),
    };
    if (written.backup) result['backup_file'] = written.backup;
    const headers = { before_header: header, after_header: header };
    const diff = { before, after, ...headers };
    result['diff'] = env.diff ? diff : { before: '', after: '', ...headers };
    return changed(ini.changed || attributes, result, env.diff ? [diff] : undefined);
  },
});

interface Condition {
  option: string;
  values: string[];
}

function condition(value: Value): Condition {
  const plain = isDict(value) ? (toPlain(value) as Record<string, unknown>) : {};
  if (typeof plain['option'] !== 'string') throw new ModuleFailure('section_has_values needs an option in each entry');
  const values = plain['value'] !== undefined ? [plain['value']] : ((plain['values'] as unknown[] | undefined) ?? []);
  return { option: plain['option'], values: values.map(String) };
}

interface Wish {
  section: string;
  option?: string | undefined;
  values: string[];
  has?: Condition[] | undefined;
  state: 'absent' | 'present';
  exclusive: boolean;
  no_extra_spaces: boolean;
  ignore_spaces: boolean;
  allow_no_value: boolean;
  modify_inactive_option: boolean;
}

/** A line that sets an option: whether it is commented out, and its value. The name may be too long for an expression. */
function match(option: string, line: string, active: boolean): { comment: string; value: string } | undefined {
  for (const start of active ? [/^()[ \t]*/] : [/^[ \t]*([#;]?)[ \t]*/, /^()[ \t]*/]) {
    const [blanks, comment = ''] = start.exec(line)!;
    if (!line.startsWith(option, blanks.length)) continue;
    const found = /^[ \t]*(?:=|(?=\n?$))[ \t]*(.*)/.exec(line.slice(blanks.length + option.length));
    if (found) return { comment, value: found[1]! };
  }
  return undefined;
}

/** Whether a line is the heading of a section; that of the part above the first is a mark. */
function isHeading(section: string, line: string): boolean {
  if (section === '') return line === '\0';
  if (!line.startsWith('[')) return false;
  const [name, rest] = [section.trim(), line.slice(1).trimStart()];
  return rest.startsWith(name) && /^\s*\]/.test(rest.slice(name.length));
}

const NOTHING = /^[ \t]*(?:[#;].*)?\n?$/;

class Ini {
  changed = false;
  msg = 'OK';
  #before: string[] = [];
  #section: string[] = [];
  #after: string[] = [];
  #found = false;
  /** Lines of the section that are settled. */
  #done = new Set<number>();
  #values: string[];

  constructor(
    text: string,
    private readonly wish: Wish,
  ) {
    this.#values = [...wish.values];
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? ['\n'];
    if (!lines.at(-1)!.endsWith('\n')) {
      lines[lines.length - 1] += '\n';
      this.changed = true;
    }
    this.#split(lines);
  }

  /** The part above the first section has no name; a mark stands for its heading. */
  #split(lines: string[]): void {
    const { section } = this.wish;
    const all = ['\0', ...lines];
    let start = -1;
    let end = all.length;
    for (let i = 0; i <= all.length; i++) {
      if (start >= 0 && (i === all.length || all[i]!.startsWith('['))) {
        if (this.#hasValues(all.slice(start, i))) {
          end = i;
          break;
        }
        start = -1;
      }
      if (i < all.length && isHeading(section, all[i]!)) start = i;
    }
    this.#found = start >= 0;
    if (!this.#found) {
      this.#after = all.slice(1);
      return;
    }
    this.#before = all.slice(0, start);
    this.#section = all.slice(start, end);
    this.#after = all.slice(end);
  }

  #hasValues(lines: string[]): boolean {
    return (this.wish.has ?? []).every((one) =>
      lines.some((line) => {
        const found = match(one.option, line, false);
        return found && (one.values.length === 0 || one.values.includes(found.value));
      }),
    );
  }

  text(): string {
    return [...this.#before, ...this.#section, ...this.#after].filter((line) => line !== '\0').join('');
  }

  apply(): void {
    if (this.wish.state === 'absent') this.#remove();
    else {
      if (this.wish.option) this.#replace();
      if (this.wish.exclusive && !this.wish.allow_no_value && this.wish.option) this.#override();
      this.#insert();
      if (!this.#found) this.#append();
    }
  }

  #assignment(value: string): string {
    return `${this.wish.option}${this.wish.no_extra_spaces ? '=' : ' = '}${value}\n`;
  }

  #find(line: string) {
    return match(this.wish.option!, line, !this.wish.modify_inactive_option);
  }

  #update(index: number, line: string): void {
    const old = this.#section[index]!;
    const was = this.wish.ignore_spaces ? match(this.wish.option!, old, false) : undefined;
    const same = was && !was.comment ? was.value === match(this.wish.option!, line, false)?.value : old === line;
    this.#done.add(index);
    if (same) return;
    this.#section[index] = line;
    this.changed = true;
    this.msg = 'option changed';
  }

  /** Lines that have one of the values already, or the option without a value. */
  #replace(): void {
    for (const [index, line] of this.#section.entries()) {
      const found = this.#find(line);
      if (!found) continue;
      if (this.#values.includes(found.value)) {
        const bare = found.value === '' && this.wish.allow_no_value;
        if (bare) this.#bareDone = true;
        this.#update(index, bare ? `${this.wish.option}\n` : this.#assignment(found.value));
        this.#values.splice(this.#values.indexOf(found.value), 1);
      } else if (this.#values.length === 0 && this.wish.allow_no_value) {
        this.#bareDone = true;
        this.#update(index, `${this.wish.option}\n`);
        break;
      }
    }
  }
  #bareDone = false;

  /** Further lines of the option get the values that are left; what is still left over is removed. */
  #override(): void {
    for (let i = 0; i < this.#section.length && this.#values.length > 0; i++) {
      if (!this.#done.has(i) && this.#find(this.#section[i]!)) this.#update(i, this.#assignment(this.#values.shift()!));
    }
    const kept = this.#section.filter((line, i) => i === 0 || this.#done.has(i) || !this.#find(line));
    if (kept.length === this.#section.length) return;
    this.#section = kept;
    this.changed = true;
    this.msg = 'option changed';
  }

  /** New lines go behind the last line of the section that is neither blank nor a comment. */
  #insert(): void {
    const { option, allow_no_value: allowed } = this.wish;
    const last = this.#section.findLastIndex((line) => !NOTHING.test(line));
    if (last < 0 || !option) return;
    const bare = this.#values.length === 0 && allowed && !this.#bareDone;
    const lines = bare ? [`${option}\n`] : this.#values.map((value) => this.#assignment(value));
    if (lines.length === 0) return;
    this.#section.splice(last + 1, 0, ...lines);
    this.changed = true;
    this.msg = 'option added';
  }

  #append(): void {
    const { option, has, exclusive, allow_no_value: allowed, section, no_extra_spaces: tight } = this.wish;
    const lines = [`[${section}]\n`];
    this.msg = 'section and option added';
    for (const one of has ?? []) {
      if (one.option !== option) {
        if (one.values.length > 0)
          lines.push(...one.values.map((value) => `${one.option}${tight ? '=' : ' = '}${value}\n`));
        else if (allowed) lines.push(`${one.option}\n`);
      } else if (!exclusive) this.#values.push(...one.values.filter((value) => !this.#values.includes(value)));
    }
    if (option && this.#values.length > 0) lines.push(...this.#values.map((value) => this.#assignment(value)));
    else if (option && allowed) lines.push(`${option}\n`);
    else this.msg = 'only section added';
    this.#after.push(...lines);
    this.changed = true;
  }

  #remove(): void {
    const { option, exclusive } = this.wish;
    if (!option) {
      if (this.#section.length === 0) return;
      this.#section = [];
      this.msg = 'section removed';
      this.changed = true;
      return;
    }
    const goes = (line: string) => {
      const found = match(option, line, true);
      return found !== undefined && (exclusive || this.#values.includes(found.value));
    };
    const kept = this.#section.filter((line) => !goes(line));
    if (kept.length === this.#section.length) return;
    this.#section = kept;
    this.msg = 'option changed';
    this.changed = true;
  }
}
