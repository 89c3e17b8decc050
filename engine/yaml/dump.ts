export interface YamlStyle {
  indent?: number;
  width?: number;
  sortKeys?: boolean;
  default_flow_style?: boolean | null;
}

import type { Value } from '../values.ts';
export function toYaml(_value: Value, _style: YamlStyle = {}): string {
  throw new Error('not yet');
}
