/** What a value is to Python: its type's name, its number, its truth. */

import { Float, isFloat, isInt, Timestamp } from '../values.ts';
import { Callable, PyObject, Range, TimeDelta, Tuple } from './objects.ts';
import type { Py } from './py.ts';
import { Undefined } from './undefined.ts';

/** Python's bool() of a value. */
export function truthy(value: Py): boolean {
  if (typeof value !== 'object') return Boolean(value);
  if (value === null) return false;
  if (value instanceof Undefined) return value.lenient ? false : value.trip();
  if (Array.isArray(value) || value instanceof Range) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof TimeDelta) return value.milliseconds !== 0;
  return true;
}

/** The name of a value's type, as Python has it. */
export function typeName(value: Py): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int';
  if (isFloat(value)) return 'float';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Timestamp) return value.dateOnly ? 'date' : 'datetime';
  if (value instanceof Range) return 'range';
  if (value instanceof PyObject) return value.typeName;
  if (value instanceof Callable) return 'function';
  if (value instanceof Uint8Array) return 'bytes';
  return 'object';
}

/** A value as a JS number or bigint where it is a Python number (booleans are), else undefined. */
export function numeric(value: Py): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}
