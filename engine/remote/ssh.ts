/** SSH connections, on ssh2: this file alone imports it. */
import { UnreachableError } from '../errors.ts';
import type { Connection } from './channel.ts';
import type { ConnectionTarget } from './target.ts';

export interface SshOptions {
  /** Home folder of the user: ~/.ssh is looked for there. */
  home?: string | undefined;
}

/** Opens a connection: resolves when the host has let us in. */
export async function connectSsh(
  target: ConnectionTarget,
  _options: SshOptions,
  _warn: (text: string) => void,
): Promise<Connection> {
  throw new UnreachableError(`${target.name}: ssh is not built yet`);
}
