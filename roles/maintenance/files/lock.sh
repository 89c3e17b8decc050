#!/bin/sh
# One controller at a time: a note on each member who is at work. The same controller may go on where it was interrupted.
set -u
lock=/run/etcd3-maintenance
if [ -r "$lock" ]; then
  read -r owner since <"$lock"
  age=$(($(date +%s) - ${since:-0}))
  if [ "$owner" != "${OWNER:?}" ] && [ "$age" -lt "$MAX_AGE" ]; then
    echo "$owner has been at work on this cluster for $((age / 60)) minutes; wait for it, or remove $lock on every member if it is gone" >&2
    exit 1
  fi
fi
echo "$OWNER $(date +%s)" >"$lock.$$" && mv "$lock.$$" "$lock"
