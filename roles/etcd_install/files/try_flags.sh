#!/bin/sh
# etcd reads its whole command line before it answers --version: a flag that this version does not know, or a value of the
# wrong kind, shows here instead of at the start.
set -u
eval "set -- $FLAGS"
if ! answer=$("$VERSION_DIR/etcd" "$@" --version 2>&1); then
  wrong=$(printf '%s\n' "$answer" | sed -n '/flag provided but not defined\|invalid value/{p;q;}')
  echo "etcd $VERSION does not accept its settings: ${wrong:-$answer}; correct etcd_extra_flags or the setting named here" >&2
  exit 1
fi
