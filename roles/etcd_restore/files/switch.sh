#!/bin/sh
# Puts the restored data in the place of the old, which is kept beside the data directory: inside it, etcd would warn of it at
# each start. Only where that would be another file system it stays inside.
set -u
fail() { echo "$1" >&2; exit 1; }
new=$DATA_DIR/.restored/member
[ -d "$new" ] || fail "there is no restored data in $DATA_DIR"
case $(systemctl show -p ActiveState "$SERVICE.service") in
  ActiveState=inactive | ActiveState=failed) ;;
  *) fail "$SERVICE.service still runs" ;;
esac
if [ -e "$DATA_DIR/member" ]; then
  aside=$DATA_DIR.before-restore-$STAMP
  [ "$(stat -c %d "$DATA_DIR")" = "$(stat -c %d "${DATA_DIR%/*}/")" ] || aside=$DATA_DIR/member.before-restore-$STAMP
  if [ "${aside%/*}" != "$DATA_DIR" ]; then
    # An interrupted run has made it already.
    (umask 077 && mkdir -p "$aside") || fail "cannot create $aside"
    aside=$aside/member
  fi
  mv "$DATA_DIR/member" "$aside" || fail "cannot move the old data aside"
fi
mv "$new" "$DATA_DIR/member" || fail "cannot put the restored data in place"
rm -rf "$DATA_DIR/.restored"
chown "$OWNER" "$DATA_DIR"
