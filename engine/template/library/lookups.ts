/**
 * The lookups: what `lookup()`, `query()` and `with_*` call. What they return is data and never a template. Everything outside
 * (files of the project, processes, the inventory) is reached through a LookupEnv that the run supplies.
 */
import type { Value } from '../../values.ts';
import type { Scope, TemplateOptions } from '../compile/rendering.ts';
import { DATA_LOOKUPS } from './lookups/data.ts';
import { FILE_LOOKUPS } from './lookups/files.ts';
import { password } from './lookups/password.ts';
import { sequence } from './lookups/sequence.ts';
import { TABLE_LOOKUPS } from './lookups/tables.ts';
import { url } from './lookups/url.ts';

/** What a lookup can reach. */
export interface LookupEnv {
  readonly scope: Scope;
  readonly options: TemplateOptions;
  /** Existing paths of a relative name, nearest first; kind is the subfolder: files, templates, vars. */
  searchFiles(kind: string, name: string): string[];
  /** The folders searched for a kind, nearest first. */
  folders(kind: string): string[];
  /** The text of a file; `encoding` is one that TextDecoder knows. */
  readFile(path: string, encoding?: string): string;
  /** Runs a program, or a text with /bin/sh, in the playbook's folder. */
  spawn(command: string[] | string): { rc: number; stdout: string; stderr: string };
  environment(name: string): string | undefined;
  /** A setting by Ansible's name, such as DEFAULT_FORKS. */
  config(name: string): Value | undefined;
  /** What ansible.cfg says, if there is one and it says it. */
  configFile(section: string, key: string): { value: string; file: string } | undefined;
  inventoryHostnames(pattern: string): string[];
  decrypt(text: string): string;
  /** Renders a template file's text with the task's variables, to a native value. */
  render(text: string, settings?: Map<string, Value>, path?: string): Value;
  secret?(text: string): void;
}

export type Lookup = (terms: Value[], kwargs: Map<string, Value>, env: LookupEnv) => Value[];

/** All lookups by name. */
export const lookups: Record<string, Lookup> = {
  ...DATA_LOOKUPS,
  ...FILE_LOOKUPS,
  ...TABLE_LOOKUPS,
  sequence,
  password,
  url,
};
