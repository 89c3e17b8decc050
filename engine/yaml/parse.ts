/** YAML text to values that remember their places. The npm package `yaml` reads the syntax; build.ts gives it meaning. */
import { type ParsedNode, parseAllDocuments } from 'yaml';
import { AuthorError, mistake } from '../errors.ts';
import type { Source, Value } from '../values.ts';
import { Builder, type ParseOptions } from './build.ts';
import { explainSyntaxError } from './complaints.ts';
import { parseJson } from './json.ts';
import { relax, unchanged } from './relax.ts';

/** One document to a value; null for an empty text. Throws an AuthorError with the place of each mistake. */
export function parseYaml(source: Source, options: ParseOptions = {}): Value {
  const json = options.json === false ? undefined : jsonFirst(source, options);
  if (json !== undefined) return json;
  const documents = parseYamlDocuments(source, options);
  if (documents.length > 1) {
    const marks = [...source.text.matchAll(/^(?:---|\.\.\.)/gm)].map((m) => m.index);
    const first = /^(?:\s*(?:[#%].*)?\n)*---/.test(source.text) ? 1 : 0;
    throw mistake(
      'this file holds more than one YAML document, but only one is read here',
      { source, offset: marks[first] ?? 0 },
      'remove the line that ends the first, or put the second document in a file of its own',
    );
  }
  return documents[0] ?? null;
}

/** The text as JSON, if it is that: `1e5` is a number there and a text in YAML 1.1, and tabs may indent. */
function jsonFirst(source: Source, options: ParseOptions): Value | undefined {
  if (!/^\ufeff?\s*[[{]/.test(source.text) || !/[\]}]\s*$/.test(source.text)) return undefined;
  try {
    return parseJson(source, options);
  } catch (error) {
    if (error instanceof AuthorError) return undefined;
    throw error;
  }
}

/** Every document of a text. */
export function parseYamlDocuments(source: Source, options: ParseOptions = {}): Value[] {
  const { documents, original } = parseSyntax(source);
  return documents.map((document) =>
    new Builder(source, options, original).build(document.contents as ParsedNode | null),
  );
}

const SYNTAX = {
  version: '1.1',
  schema: 'failsafe',
  resolveKnownTags: false,
  merge: false,
  uniqueKeys: false,
  logLevel: 'silent',
  prettyErrors: false,
} as const;

type ParsedDocument = Exclude<ReturnType<typeof parseAllDocuments>, { empty: true }>[number];

/** The documents as nodes; the first thing the parser finds wrong is thrown, unless more indentation mends it. */
function parseSyntax(source: Source): { documents: ParsedDocument[]; original: (offset: number) => number } {
  let relaxed = unchanged(source.text);
  const insertions: Parameters<typeof relax>[2] = [];
  for (;;) {
    const parsed = parseAllDocuments(relaxed.text, SYNTAX);
    const documents: ParsedDocument[] = 'empty' in parsed ? [] : parsed;
    const error = ('empty' in parsed ? [parsed] : documents)
      .flatMap((document) => [...document.errors, ...document.warnings.filter((w) => w.code === 'BAD_DIRECTIVE')])
      .sort((a, b) => a.pos[0] - b.pos[0])[0];
    if (!error) return { documents, original: relaxed.original };
    const mended = relax(relaxed, source.text, insertions, error.message, error.pos[0]);
    if (!mended) throw explainSyntaxError(source, error.code, error.message, relaxed.original(error.pos[0]));
    relaxed = mended;
  }
}
