#!/bin/sh
# One at a time: a note on each member says who is at work. The same controller may go on where it was interrupted, but
# not beside a run of its own that is still under way (its process is among ALIVE). Prints `taken` where the note is new.
# shellcheck disable=SC2153 # the environment's names
set -u
lock=/run/etcd3-maintenance
new=$lock.$$
trap 'rm -f "$new"' EXIT
busy() {
  read -r owner since run <"$lock" 2>/dev/null || return 1
  age=$(($(date +%s) - ${since:-0}))
  [ "$age" -lt "$MAX_AGE" ] || return 1
  # A timer's script on this node: as long as its process is there.
  case $owner in timer@*) [ -d "/proc/${run:-none}" ]; return ;; esac
  [ "$owner" = "$OWNER" ] || return 0
  case "$run $ALIVE " in ' '* | "$RUN "*) return 1 ;; *" $run "*) return 0 ;; esac
  return 1
}
end=$(($(date +%s) + ${WAIT:-0}))
while :; do
  echo "$OWNER $(date +%s) $RUN" >"$new" || { echo "cannot write to ${lock%/*}" >&2; exit 1; }
  # Made here and now, or it was there before.
  if ln "$new" "$lock" 2>/dev/null; then echo taken; exit 0; fi
  if ! busy; then
    mv "$new" "$lock"
    # A note of somebody who has gone is as good as none.
    [ "${owner:-}" = "$OWNER" ] || echo taken
    exit 0
  fi
  # A snapshot or a defragmentation by timer does not take long.
  case $owner in timer@*) ;; *) break ;; esac
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 1
done
echo "$owner has been at work on this cluster for $((age / 60)) minutes${run:+ in process $run}; wait until it has finished, or remove $lock on every member if it was given up" >&2
exit 1
