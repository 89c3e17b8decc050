/** Programs that play those a test cannot have here: each appends its arguments to a log and answers as recorded. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostOptions, TestHost } from './host.ts';

export class Fakes {
  readonly dir = mkdtempSync(join(tmpdir(), 'fakes-'));
  /** Text of the fake's body in sh: `$*` are the arguments, `$LOG` the folder for its own state. */
  set(name: string, body: string): this {
    const text = `#!/bin/sh\nLOG='${this.dir}'\nprintf '%s\\n' "${name} $*" >>'${this.dir}/calls'\n${body}\n`;
    writeFileSync(join(this.dir, name), text);
    chmodSync(join(this.dir, name), 0o755);
    return this;
  }
  /** Command lines since the last look, without those that match `but`. */
  calls(but?: RegExp): string[] {
    const file = join(this.dir, 'calls');
    if (!existsSync(file)) return [];
    const all = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    writeFileSync(file, '');
    return all.filter((line) => !but?.test(line));
  }
  put(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }
  get(name: string): string {
    return readFileSync(join(this.dir, name), 'utf8');
  }
  host(options: HostOptions = {}): TestHost {
    return new TestHost({ shell: ['dash'], ...options, fakes: this.dir });
  }
  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
