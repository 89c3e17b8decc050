/** The shape of a parsed template: expressions and statements, each with its offset in the source. */
export interface CallArguments {
  args: Expression[];
  kwargs: [string, Expression][];
  /** `*args` and `**kwargs` of a call. */
  star?: Expression | undefined;
  doubleStar?: Expression | undefined;
}

export type Expression = { at: number } & (
  | { kind: 'constant'; value: unknown }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'tuple'; items: Expression[] }
  | { kind: 'dict'; pairs: [Expression, Expression][] }
  | { kind: 'attribute'; object: Expression; name: string }
  | { kind: 'item'; object: Expression; key: Expression }
  | { kind: 'slice'; start?: Expression; stop?: Expression; step?: Expression }
  | ({ kind: 'call'; callee: Expression } & CallArguments)
  | ({ kind: 'filter'; value: Expression | undefined; name: string } & CallArguments)
  | ({ kind: 'test'; value: Expression; name: string } & CallArguments)
  | { kind: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'logic'; operator: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'compare'; first: Expression; rest: [string, Expression][] }
  | { kind: 'concat'; parts: Expression[] }
  | { kind: 'choice'; test: Expression; then: Expression; otherwise?: Expression }
);

export type Target =
  | { kind: 'name'; name: string; at: number }
  | { kind: 'field'; name: string; field: string; at: number }
  | { kind: 'tuple'; items: Target[]; at: number };

export interface Signature {
  params: string[];
  defaults: Expression[];
}

export type Statement = { at: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'output'; value: Expression }
  | { kind: 'set'; target: Target; value: Expression }
  | { kind: 'setBlock'; target: Target; filter: Expression | undefined; body: Statement[] }
  | {
      kind: 'for';
      target: Target;
      list: Expression;
      test: Expression | undefined;
      recursive: boolean;
      body: Statement[];
      otherwise: Statement[];
    }
  | { kind: 'if'; branches: [Expression, Statement[]][]; otherwise: Statement[] }
  | { kind: 'with'; targets: Target[]; values: Expression[]; body: Statement[] }
  | { kind: 'scope'; body: Statement[] }
  | { kind: 'block'; name: string; scoped: boolean; required: boolean; body: Statement[] }
  | { kind: 'extends'; template: Expression }
  | { kind: 'include'; template: Expression; ignoreMissing: boolean; withContext: boolean }
  | { kind: 'import'; template: Expression; as: string; withContext: boolean }
  | { kind: 'from'; template: Expression; names: [string, string][]; withContext: boolean }
  | ({ kind: 'macro'; name: string; body: Statement[] } & Signature)
  | ({ kind: 'callBlock'; call: Expression; body: Statement[] } & Signature)
  | { kind: 'filterBlock'; filter: Expression; body: Statement[] }
  | { kind: 'do'; value: Expression }
  | { kind: 'break' }
  | { kind: 'continue' }
);

/** How a template is read: Jinja2's environment settings, with Ansible's defaults. */
export interface SyntaxOptions {
  block_start_string: string;
  block_end_string: string;
  variable_start_string: string;
  variable_end_string: string;
  comment_start_string: string;
  comment_end_string: string;
  line_statement_prefix: string | null;
  line_comment_prefix: string | null;
  trim_blocks: boolean;
  lstrip_blocks: boolean;
  newline_sequence: string;
  keep_trailing_newline: boolean;
}

export const DEFAULT_SYNTAX: SyntaxOptions = {
  block_start_string: '{%',
  block_end_string: '%}',
  variable_start_string: '{{',
  variable_end_string: '}}',
  comment_start_string: '{#',
  comment_end_string: '#}',
  line_statement_prefix: null,
  line_comment_prefix: null,
  trim_blocks: true,
  lstrip_blocks: false,
  newline_sequence: '\n',
  keep_trailing_newline: false,
};
