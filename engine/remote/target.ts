/** What a connection is made from: plain data that run/ takes from a host's variables and a task's keywords. */

/** How unknown host keys are met: refused, remembered at first sight, or not looked at. A changed key is refused by the first two. */
export type HostKeyChecking = 'yes' | 'accept-new' | 'no';

export interface ConnectionTarget {
  /** Name in the inventory. */
  readonly name: string;
  /** `ssh` is this process's own, `openssh` the system's program. */
  readonly connection: 'ssh' | 'openssh' | 'local';
  /** ansible_host; the name if not given. It may be an alias of ~/.ssh/config. */
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** ansible_sshpass_prompt: what the question for the password has in it, where it can't be told by itself. */
  readonly passwordPrompt?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly passphrase?: string | undefined;
  /** ansible_ssh_common_args and ansible_ssh_extra_args: options of ssh's command line, as far as they have a meaning here. */
  readonly sshArgs?: string | undefined;
  /** ansible_ssh_executable: the program of `openssh`; `ssh` if not given. */
  readonly executable?: string | undefined;
  /** Default: what ssh's configuration says, else `yes`. */
  readonly hostKeyChecking?: HostKeyChecking | undefined;
  /** Seconds to connect in. */
  readonly timeout?: number | undefined;
  /** Further attempts where a connection is refused or cut before it is there; 2 if not given. */
  readonly retries?: number | undefined;
  /** Seconds between signs of life on an idle connection. */
  readonly keepalive?: number | undefined;
  /** ansible_shell_executable. */
  readonly shell?: string | undefined;
  /** Folder for private temporary folders, /tmp if not given. */
  readonly temporary?: string | undefined;
}

export interface BecomeTarget {
  /** sudo, su or doas. */
  readonly method: string;
  readonly user: string;
  readonly password?: string | undefined;
  /** Replaces the default flags. */
  readonly flags?: string | undefined;
  /** The program, if it is not the method's name. */
  readonly exe?: string | undefined;
  /** Seconds to become the user in; 30, or the connection's if that is more, if not given. */
  readonly timeout?: number | undefined;
}

/** What is the same for every request of one task on one host. */
export interface TaskBinding {
  readonly become?: BecomeTarget | undefined;
  readonly check?: boolean | undefined;
  readonly diff?: boolean | undefined;
  readonly environment?: Record<string, string> | undefined;
  /** Seconds for each request, unless the call says otherwise. */
  readonly timeout?: number | undefined;
  /** Drops what is running. */
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}
