/**
 * What a server offers, read from the first packet that it sends, which is not encrypted yet. ssh2 keeps it for itself; it is needed to say
 * what a server has where nothing fits, and whether its key exchange is strict.
 */
import type { Duplex } from 'node:stream';

export interface ServerOffer {
  kex: string[];
  hostKeys: string[];
  ciphers: string[];
  macs: string[];
}

const KEXINIT = 20;
/** A server's greeting and first packet are shorter. */
const LONGEST = 128 * 1024;

/** What has been seen of a server. */
interface Watch {
  /** It has said anything at all. */
  heard(): boolean;
  offer(): ServerOffer | undefined;
}

/** Watches a socket that is about to be read by ssh2. */
export function watchOffer(socket: Duplex): Watch {
  let seen: Buffer | undefined = Buffer.alloc(0);
  let offer: ServerOffer | undefined;
  let heard = false;
  const onData = (chunk: Buffer) => {
    heard = true;
    seen = Buffer.concat([seen ?? Buffer.alloc(0), chunk]);
    offer = readOffer(seen);
    if (!offer && seen.length < LONGEST) return;
    seen = undefined;
    socket.off('data', onData);
  };
  socket.on('data', onData);
  return { heard: () => heard, offer: () => offer };
}

/** The lists of a KEXINIT behind the lines of a greeting; undefined as long as it is not whole. */
export function readOffer(bytes: Buffer): ServerOffer | undefined {
  let at = 0;
  for (let greeted = false; !greeted; ) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return undefined;
    greeted = bytes.toString('latin1', at, at + 4) === 'SSH-';
    at = end + 1;
  }
  if (bytes.length < at + 4) return undefined;
  const length = bytes.readUInt32BE(at);
  if (length > LONGEST || bytes.length < at + 4 + length || bytes[at + 5] !== KEXINIT) return undefined;
  let place = at + 6 + 16;
  const lists: string[][] = [];
  for (let i = 0; i < 6; i++) {
    const size = bytes.readUInt32BE(place);
    lists.push(bytes.toString('latin1', place + 4, place + 4 + size).split(','));
    place += 4 + size;
  }
  const [kex, hostKeys, ciphers, , macs] = lists as [string[], string[], string[], string[], string[], string[]];
  return { kex, hostKeys, ciphers, macs };
}

/** S-24: the exchange that Terrapin does not harm. */
export function isStrict(offer: ServerOffer | undefined): boolean {
  return offer?.kex.includes('kex-strict-s-v00@openssh.com') ?? false;
}
