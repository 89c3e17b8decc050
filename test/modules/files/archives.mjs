// Archives made here byte for byte, good ones and hostile ones.
import { deflateRawSync, gzipSync } from 'node:zlib';

const types = { file: '0', hard: '1', link: '2', char: '3', block: '4', directory: '5', fifo: '6' };

/** A tar archive of `{ name, type, content, mode, to, mtime, uid }`, in base64. */
export function tar(entries, { gzip = true } = {}) {
  const blocks = [];
  for (const { name, type = 'file', content = '', mode, to = '', mtime = 1577836800, uid = 0 } of entries) {
    const block = Buffer.alloc(512);
    const body = Buffer.from(content);
    block.write(name, 0);
    block.write(`${(mode ?? (type === 'directory' ? 0o755 : 0o644)).toString(8).padStart(7, '0')}\0`, 100);
    block.write(`${uid.toString(8).padStart(7, '0')}\0`, 108);
    block.write(`${uid.toString(8).padStart(7, '0')}\0`, 116);
    block.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    block.write(`${mtime.toString(8).padStart(11, '0')}\0`, 136);
    block.write('        ', 148);
    block.write(types[type], 156);
    block.write(to, 157);
    block.write('ustar\x0000', 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(block, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  const whole = Buffer.concat([...blocks, Buffer.alloc(10240 - (blocks.reduce((n, b) => n + b.length, 0) % 10240))]);
  return (gzip ? gzipSync(whole) : whole).toString('base64');
}

/** A zip archive of `{ name, content, mode, to }`, in base64. */
export function zip(entries) {
  const local = [];
  const central = [];
  let at = 0;
  for (const { name, content = '', mode, to } of entries) {
    const body = Buffer.from(to ?? content);
    const packed = deflateRawSync(body);
    const bits =
      (to === undefined ? (name.endsWith('/') ? 0o40000 : 0o100000) : 0o120000) |
      (mode ?? (name.endsWith('/') ? 0o755 : 0o644));
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt16LE(0, 6);
    fields.writeUInt16LE(((2020 - 1980) << 9) | (1 << 5) | 1, 8);
    fields.writeUInt32LE(crc32(body), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(body.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const head = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((bits << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, tail, Buffer.from(name));
    local.push(head);
    at += head.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]).toString('base64');
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
