/** A pattern or a replacement that is wrong, that can't be expressed here, or that takes too long; the caller says whose it is. */
export class RegexError extends Error {
  override name = 'RegexError';
}
