/** What a caller may ask of a run. */
import type { Ask } from '../modules/define.ts';
import type { Dict } from '../values.ts';

export interface RunOptions {
  /** Playbook files, in order. */
  playbook: string | readonly string[];
  /** Playbooks that are in no file (`run module`): their text by absolute path. */
  texts?: ReadonlyMap<string, string>;
  /** Inventory files, folders or host lists. */
  inventory?: string | readonly string[];
  /** Folder that relative paths start from; the process's by default. */
  cwd?: string;
  /** The ansible.cfg that was read. */
  settingsFile?: string;
  /** `-e`: strongest variables; a text is data, a Map from parseYaml may hold templates of an `@file`. */
  extraVars?: Dict | Record<string, unknown>;
  limit?: string;
  tags?: readonly string[];
  skipTags?: readonly string[];
  check?: boolean;
  diff?: boolean;
  /** Hosts that work at the same time (50). */
  forks?: number;
  become?: { enabled?: boolean; user?: string; method?: string; flags?: string; exe?: string; password?: string };
  user?: string;
  password?: string;
  privateKeyFile?: string;
  connection?: string;
  /** Port of hosts that name none. */
  port?: number;
  /** Seconds to wait for a connection (10). */
  timeout?: number;
  sshCommonArgs?: string;
  verbosity?: number;
  startAtTask?: string;
  step?: boolean;
  forceHandlers?: boolean;
  flushCache?: boolean;
  /** Folder in which facts are kept between runs, and for how many seconds (86400; 0: for ever). */
  factCache?: { folder: string; timeout?: number; prefix?: string };
  /** Gather facts unless a play says otherwise (`implicit`, the default), or only if it says so (`explicit`). */
  gathering?: 'implicit' | 'explicit' | 'smart';
  /** As keywords that every play has which does not set them itself. */
  anyErrorsFatal?: boolean;
  noLog?: boolean;
  /** Seconds that a task may take; 0: as long as it likes. */
  taskTimeout?: number;
  /** MiB of output that a task may bring from a host before it is ended (64). */
  outputLimit?: number;
  /** Seconds between looks at a task with `async` (15). */
  poll?: number;
  /** Folders of modules besides `library/` beside the playbook and in roles. */
  libraries?: readonly string[];
  /** Folders of roles besides those beside the playbook. */
  rolesPath?: readonly string[];
  /** Folders in which collections are installed, besides `collections/` beside the playbook. */
  collectionsPath?: readonly string[];
  hashBehaviour?: 'replace' | 'merge';
  vault?: readonly VaultSecretOption[];
  /** Further texts to redact in everything that is reported. */
  secrets?: readonly string[];
  ssh?: {
    /** ~/.ssh/config if not given; false: none. */
    configFile?: string | false;
    hostKeyChecking?: 'strict' | 'accept-new' | 'off';
    /** Socket of the agent. */
    agent?: string;
    home?: string;
    retries?: number;
  };
  /** The controller's environment, for `lookup('env')`, pipes and local shells. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Live output of commands as task:output events. */
  liveOutput?: boolean;
  signal?: AbortSignal;
  /** Asks the person at the terminal: vars_prompt, pause, passphrases. */
  ask?: Ask;
  /** Shows the task debugger's prompt and takes a line; undefined at the end of the input. Without it nothing stops. */
  debug?: (prompt: string) => Promise<string | undefined>;
  /** The debugger stops at every failure, as with `strategy: debug`. */
  taskDebugger?: boolean;
  /** Strategy of plays that name none. */
  strategy?: string;
}

export interface VaultSecretOption {
  id: string;
  password: string;
}
