#!/bin/sh
# Removes the data, the folder too where it is not a disk's own, and of the programs' folder only what was put there.
set -u
fail() { echo "$1" >&2; exit 1; }
remove() {
  for path in "$@"; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    echo changed
    [ -n "${CHECK:-}" ] || rm -rf "$path" || fail "cannot remove $path"
  done
}
case $DATA_DIR in /?*/?*) ;; *) fail "installation_dir is $DATA_DIR; it must be an absolute path of its own" ;; esac
for path in "$DATA_DIR"/* "$DATA_DIR"/.[!.]*; do
  case ${path##*/} in lost+found) ;; *) remove "$path" ;; esac
done
# Old data that was put aside.
remove "$DATA_DIR".before-restore-* "$DATA_DIR".before-removal-*
remove "$PROGRAMS_DIR/before-upgrade" "$PROGRAMS_DIR/before-upgrade.new" "$PROGRAMS_DIR"/v[0-9]*.[0-9]*.[0-9]* "$PROGRAMS_DIR/current" "$PROGRAMS_DIR"/.unpack.* "$PROGRAMS_DIR/.download"
[ -n "${CHECK:-}" ] || rmdir "$DATA_DIR" "$PROGRAMS_DIR" 2>/dev/null
exit 0
