/** Merging of dicts, for `hash_behaviour = merge`. Dicts are Maps, so no key reaches a prototype. */
import { type Dict, isDict, type Place, placeOf, placeOfKey, placeOfValue, setPlaces, type Value } from '../values.ts';

/** A dict with the entries of both; where both have a dict under a key these are merged too, else the stronger wins. */
export function mergeDicts(weaker: Dict, stronger: Dict): Dict {
  const result: Dict = new Map(weaker);
  const keys = new Map<Value, Place>();
  const values = new Map<Value, Place>();
  for (const [key, value] of stronger) {
    const below = result.get(key);
    result.set(key, isDict(value) && isDict(below) ? mergeDicts(below, value) : value);
  }
  for (const key of result.keys()) {
    const from = stronger.has(key) ? stronger : weaker;
    const keyPlace = placeOfKey(from, key);
    const valuePlace = placeOfValue(from, key);
    if (keyPlace) keys.set(key, keyPlace);
    if (valuePlace) values.set(key, valuePlace);
  }
  const self = placeOf(stronger) ?? placeOf(weaker);
  if (self) setPlaces(result, { self, keys, values });
  return result;
}
