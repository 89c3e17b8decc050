/** A writer of tar streams, as far as a copy of files needs one: plain files under short names that we choose ourselves. */
import { createReadStream } from 'node:fs';

export interface TarFile {
  /** At most 100 ASCII characters. */
  name: string;
  size: number;
  content: Buffer | string;
}

const BLOCK = 512;

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number) => block.write(text, at, 'latin1');
  put(name, 0);
  put('0000600\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  // beyond 8 GiB octal digits do not suffice: GNU's and busybox's base-256 form
  if (size < 8 ** 11) put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const padding = (size: number) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** The archive's bytes, file after file; `content` is a Buffer or the path of a file of the controller. */
export async function* tarStream(files: Iterable<TarFile>): AsyncGenerator<Buffer> {
  for (const file of files) {
    yield header(file.name, file.size);
    if (typeof file.content === 'string') yield* exactly(file.content, file.size);
    else yield file.content;
    yield padding(file.size);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** A file's bytes; one that changed its size since it was looked at must not shift what follows. */
async function* exactly(path: string, size: number): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of createReadStream(path)) {
    sent += (chunk as Buffer).length;
    if (sent > size) break;
    yield chunk as Buffer;
  }
  if (sent !== size) throw new Error(`${path} changed while it was read`);
}

/** Size of the whole archive. */
export function tarSize(files: Iterable<{ size: number }>): number {
  let total = 2 * BLOCK;
  for (const { size } of files) total += BLOCK + size + padding(size).length;
  return total;
}
