/** Text as bytes in an encoding by its Python name; decoding is TextDecoder's. */

/** The bytes; undefined where the encoding is not known here. Throws UnencodableError for a character that it does not have. */
export function encodeText(text: string, encoding: string): Buffer | undefined {
  const name = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (name === '' || name === 'utf8') return Buffer.from(text, 'utf8');
  if (name === 'utf8sig') return Buffer.from(`\ufeff${text}`, 'utf8');
  if (name === 'utf16le') return Buffer.from(text, 'utf16le');
  if (name === 'utf16') return Buffer.from(`\ufeff${text}`, 'utf16le');
  if (name === 'utf16be') return Buffer.from(text, 'utf16le').swap16();
  const limit = LIMITS[name];
  if (limit !== undefined) return bytes(text, (code) => (code <= limit ? code : undefined));
  const table = tableOf(encoding);
  return table && bytes(text, (code) => table.get(code));
}

/** A character that an encoding cannot say. */
export class UnencodableError extends Error {
  constructor(readonly character: string) {
    super(`${JSON.stringify(character)} has no byte in this encoding`);
    this.name = 'UnencodableError';
  }
}

const LIMITS: Record<string, number> = { latin1: 0xff, iso88591: 0xff, l1: 0xff, ascii: 0x7f, usascii: 0x7f };

function bytes(text: string, byteOf: (code: number) => number | undefined): Buffer {
  return Buffer.from(
    [...text].map((character) => {
      const byte = byteOf(character.codePointAt(0)!);
      if (byte === undefined) throw new UnencodableError(character);
      return byte;
    }),
  );
}

/** Bytes 0x80 to 0x9f, which some versions of Node take for those of latin-1; a blank has no character. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** What each byte of an encoding of single bytes means, the other way round. */
function tableOf(encoding: string): Map<number, number> | undefined {
  const label = encoding.replaceAll('_', '-').replace(/^iso8859-/i, 'iso-8859-');
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch {
    return undefined;
  }
  // Those of more bytes a character are not made here.
  if (!/^(windows|iso|koi8|ibm866|macintosh|x-mac)/.test(decoder.encoding)) return undefined;
  const table = new Map<number, number>();
  if (decoder.encoding === 'windows-1252') {
    for (let byte = 0; byte < 256; byte++) if (byte < 0x80 || byte > 0x9f) table.set(byte, byte);
    for (const [at, character] of [...WINDOWS_1252].entries())
      if (character !== ' ') table.set(character.codePointAt(0)!, 0x80 + at);
    return table;
  }
  for (let byte = 0; byte < 256; byte++) {
    try {
      table.set(decoder.decode(Uint8Array.of(byte)).codePointAt(0)!, byte);
    } catch {
      // no character has this byte
    }
  }
  return table;
}
