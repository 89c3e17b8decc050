// Values that a careless shell line would break on, or obey.
export const hostile = {
  space: 'a b  c',
  quotes: `it's "q"`,
  dollar: '$(touch owned) $NOPE ${NOR_THIS}',
  backtick: '`touch owned`',
  backslash: 'a\\n\\\\b\\',
  semicolon: '; touch owned &&|',
  glob: '* ? [a-z] ~',
  dash: '-rf',
  percent: '%s %d %n%%',
  unicode: 'Grüße ☃ 🎉',
  newline: 'one\ntwo',
  tab: 'a\tb',
  hash: '# not a comment',
  bang: '!history! ^x^',
};

/** The same as names of files: no slash in them. */
export const hostileNames = Object.entries(hostile);
