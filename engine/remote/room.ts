/** The channels that one connection may have open at a time. */

/** sshd's default is ten sessions a connection; two stay free for the user's own. */
const CHANNELS = 8;

/** Channels in use on one connection, and who waits for one. */
export class Room {
  used = 0;
  limit = CHANNELS;
  readonly waiting: Array<() => void> = [];

  leave(): void {
    this.used--;
    this.waiting.shift()?.();
  }
}
