/** Values as Python writes them. */
import { Float, isDict, isList, type Json, toPlain, type Value } from '../../values.ts';

/** json.dumps with Python's default separators, ASCII only. */
export function pythonJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${ascii(key)}: ${pythonJson(item)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value);
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** str() of a value. */
export function pythonText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (isDict(value)) return `{${[...value].map(([k, v]) => `${pythonRepr(k)}: ${pythonRepr(v)}`).join(', ')}}`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Float) return `${value.value}.0`;
  return String(toPlain(value));
}

/** repr() of a value: a text in quotes, in double ones where it holds only single ones. */
export function pythonRepr(value: Value): string {
  if (typeof value !== 'string') return pythonText(value);
  const mark = value.includes("'") && !value.includes('"') ? '"' : "'";
  const inner = value.replace(/[\\\n\r\t]/g, (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c]!);
  return mark + inner.replaceAll(mark, `\\${mark}`) + mark;
}
