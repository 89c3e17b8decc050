/** What a shell needs of the way to a host: a connection opens channels, a channel is three streams and an end. */
import type { Readable, Writable } from 'node:stream';
import type { UnreachableError } from '../errors.ts';

/** How a channel ended. */
export interface ChannelEnd {
  readonly code: number | null;
  readonly signal?: string | undefined;
  /** Set when it did not end by itself: the connection was lost or closed. */
  readonly lost?: UnreachableError | undefined;
}

/** One command that runs on a host. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<ChannelEnd>;
  /** Closes its stdin and lets go of it: a shell ends by itself, what it started in the background lives on. */
  release(): void;
  /** Ends it at once, with what it started as far as that can be done from here. */
  kill(): void;
}

/** A way to one host as the user who logs in. */
export interface Connection {
  readonly local: boolean;
  /** The user who logs in, as far as known. */
  readonly user: string | undefined;
  /** Of the address, for messages: `web1 (10.0.0.1:22)`. */
  readonly where: string;
  /** Runs a command by the login shell; `terminal` gives it a terminal. */
  open(command: string, options?: { terminal?: boolean }): Promise<Channel>;
  close(): void;
  /** Resolves when the connection is over, with the reason if it was not closed from here. */
  readonly closed: Promise<UnreachableError | undefined>;
}
