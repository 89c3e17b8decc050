/** Syntax of templates and conditions, filters and tests that there are not. Nothing is evaluated. */
import { AuthorError, TemplateError } from '../errors.ts';
import { asList } from '../playbook/nodes.ts';
import { filter, type ParseOptions, parseExpression, parseTemplate, test } from '../template/index.ts';
import { type Dict, isDict, isList, type Place, placeOfValue, Template, type Value } from '../values.ts';
import type { Report } from './report.ts';

/** Keywords that are expressions. */
export const conditions = ['when', 'until', 'changed_when', 'failed_when'] as const;

/** Parses the conditions of a keyword, or of an argument that is one. */
export function checkConditions(dict: Dict, keyword: string, report: Report): void {
  const value = dict.get(keyword);
  if (value === undefined || value === null) return;
  for (const [i, condition] of asList(value).entries()) {
    const place = (isList(value) ? placeOfValue(value, i) : undefined) ?? placeOfValue(dict, keyword);
    if (condition instanceof Template)
      attempt((options) => parseExpression(condition.text, condition.place, options), condition.place, report);
    else if (typeof condition === 'string' && condition !== '')
      attempt((options) => parseExpression(condition, place, options), place, report);
  }
}

/** Parses every template in a value. */
export function checkTemplates(value: Value | undefined, except: readonly string[], report: Report): void {
  if (value instanceof Template) {
    attempt(
      (options) => {
        if (options) return parseTemplate(value.text, value.place, options);
        value.compiled ??= parseTemplate(value.text, value.place);
        return value.compiled;
      },
      value.place,
      report,
    );
  } else if (isList(value)) for (const item of value) checkTemplates(item, [], report);
  else if (isDict(value))
    for (const [key, item] of value) if (!except.includes(String(key))) checkTemplates(item, [], report);
}

/** Parses the text of a template file. */
export function checkTemplateText(place: Place, report: Report): void {
  const { text } = place.source;
  if (!text.startsWith('#jinja2:')) attempt((options) => parseTemplate(text, place, options), place, report);
}

/** Reports what is wrong with a template: of filters and tests that there are not all of them, else the first mistake. */
function attempt(parse: (options?: ParseOptions) => unknown, place: Place | undefined, report: Report): void {
  const filters: NonNullable<ParseOptions['filters']> = new Map();
  const tests: NonNullable<ParseOptions['tests']> = new Map();
  for (;;) {
    try {
      parse(filters.size + tests.size > 0 ? { filters, tests } : undefined);
      return;
    } catch (error) {
      if (error instanceof AuthorError) for (const finding of error.findings) report(finding);
      else if (!(error instanceof TemplateError)) throw error;
      else {
        const { message, help, code, subject } = error;
        report({ message, place: error.place ?? place, help, code, subject });
        if (subject !== undefined && !filters.has(subject) && !tests.has(subject)) {
          // Treated as known from here on, so that the next one is found.
          const anything = `${subject}(*rest, **named)`;
          if (code === 'unknown-filter')
            filters.set(
              subject,
              filter(anything, () => null),
            );
          else if (code === 'unknown-test')
            tests.set(
              subject,
              test(anything, () => true),
            );
          else return;
          continue;
        }
      }
      return;
    }
  }
}
