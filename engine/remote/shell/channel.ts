/** What a shell needs of the way to a host: a connection opens channels, a channel is three streams and an end. */
import type { Readable, Writable } from 'node:stream';
import { UnreachableError } from '../../errors.ts';

/** How a channel ended. */
export interface ChannelEnd {
  readonly code: number | null;
  readonly signal?: string | undefined;
  /** Set when it did not end by itself: the connection was lost or closed. */
  readonly lost?: UnreachableError | undefined;
}

/** The host takes no further channel on this connection (MaxSessions). */
export class ChannelRefused extends UnreachableError {}

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

/**
 * A program has ended: resolves when its streams are over too, or when a background process holds them open and nothing has
 * come for a while.
 */
export async function lastWords(streams: readonly Readable[], closed: Promise<unknown>, quiet: number): Promise<void> {
  let last = performance.now();
  let over = false;
  void closed.then(() => {
    over = true;
  });
  const touch = () => {
    last = performance.now();
  };
  // A listener on a stream that nobody reads yet would make it flow, and its data would be lost.
  for (const stream of streams) if (stream.readableFlowing) stream.on('data', touch);
  while (!over) {
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, quiet / 4).unref())]);
    // Timers come before input: after a busy time what the program said may be here without having been read.
    await new Promise((resolve) => setImmediate(resolve));
    const empty = streams.every((stream) => stream.destroyed || stream.readableLength === 0);
    if (empty && performance.now() - last >= quiet) break;
  }
  for (const stream of streams) stream.off('data', touch);
}
