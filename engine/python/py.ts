/**
 * A value inside an expression: any Value, an Undefined, a tuple, a callable … Expressions are dynamically typed, as Python is,
 * so operators and filters look at what they are given; this is the one place where `any` is said.
 */
// biome-ignore lint/suspicious/noExplicitAny: the values of a dynamically typed language
export type Py = any;
