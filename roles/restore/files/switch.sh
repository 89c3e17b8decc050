#!/bin/sh
# Puts the restored data in the place of the old, which is kept under another name.
set -u
fail() { echo "$1" >&2; exit 1; }
new=$DATA_DIR/.restored/member
[ -d "$new" ] || fail "there is no restored data in $DATA_DIR"
case $(systemctl show -p ActiveState "$SERVICE.service") in
  ActiveState=inactive | ActiveState=failed) ;;
  *) fail "$SERVICE.service still runs" ;;
esac
if [ -e "$DATA_DIR/member" ]; then
  mv "$DATA_DIR/member" "$DATA_DIR/member.before-restore-$STAMP" || fail "cannot move the old data aside"
fi
mv "$new" "$DATA_DIR/member" || fail "cannot put the restored data in place"
rm -rf "$DATA_DIR/.restored"
chown "$OWNER" "$DATA_DIR"
