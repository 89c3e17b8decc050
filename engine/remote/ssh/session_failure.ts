/** Why there is no session, or none any more. `timeout`: it never said a word; `slow`: it had begun to, as a busy host does. */
type FailureKind = 'auth' | 'algorithms' | 'protocol' | 'lost' | 'timeout' | 'slow';

export class SessionFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    /** Authentication: what the server takes. */
    readonly methods: readonly string[] = [],
  ) {
    super(message);
  }
}

/** What a time-out means, with what has been heard until then. */
export function afterTimeout(reason: unknown, heard: boolean): Error {
  if (heard && reason instanceof SessionFailure && reason.kind === 'timeout')
    return new SessionFailure('slow', reason.message);
  return reason as Error;
}
