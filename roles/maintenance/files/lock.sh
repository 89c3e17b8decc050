#!/bin/sh
# One controller at a time: a note on each member who is at work. The same controller may go on where it was interrupted, but
# not beside a run of its own that is still under way (its process is among ALIVE).
# shellcheck disable=SC2153 # the environment's names
set -u
lock=/run/etcd3-maintenance
new=$lock.$$
trap 'rm -f "$new"' EXIT
echo "$OWNER $(date +%s) $RUN" >"$new"
# Made here and now, or it was there before.
ln "$new" "$lock" 2>/dev/null && exit 0
read -r owner since run <"$lock"
age=$(($(date +%s) - ${since:-0}))
busy=no
if [ "$owner" != "$OWNER" ]; then busy=yes; fi
case "$run $ALIVE " in ' '* | "$RUN "*) ;; *" $run "*) busy=yes ;; esac
if [ $busy = yes ] && [ "$age" -lt "$MAX_AGE" ]; then
  echo "$owner has been at work on this cluster for $((age / 60)) minutes${run:+ in process $run}; wait for it, or remove $lock on every member if it is gone" >&2
  exit 1
fi
mv "$new" "$lock"
