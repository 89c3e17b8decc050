import { isUtf8 } from 'node:buffer';
import { mistake } from '../errors.ts';
import { Source } from '../values.ts';

/** The text of a project's file. What is not UTF-8 is refused with its place; else it would be replaced without a word. */
export function utf8Text(bytes: Buffer, name: string): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || isUtf8(bytes)) return text;
  for (let at = text.indexOf('\ufffd'); ; at = text.indexOf('\ufffd', at + 1)) {
    const offset = Buffer.byteLength(text.slice(0, at));
    // A file may hold that character itself.
    if (bytes.subarray(offset, offset + 3).toString('latin1') === '\xef\xbf\xbd') continue;
    const hex = bytes[offset]!.toString(16).padStart(2, '0');
    throw mistake(
      `this file is not UTF-8: there is no character that begins with the byte 0x${hex}`,
      { source: new Source(name, text), offset: at },
      'save it as UTF-8; bytes of another kind go into a file that `copy` sends as it is',
    );
  }
}
