/** Why there is no session, or none any more. */
export type FailureKind = 'host-key' | 'auth' | 'algorithms' | 'protocol' | 'lost' | 'timeout';

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
