#!/bin/sh
# Restores the snapshot beside the data in use, which stays as it is: a damaged snapshot, or one that is none, fails here.
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }

sum=$(sha256sum <"$SNAPSHOT") || fail "cannot read $SNAPSHOT"
[ "${sum%% *}" = "$SHA256" ] || fail "$SNAPSHOT has the sha256 ${sum%% *}, not $SHA256: it is not the file that the other members got"
new=$DATA_DIR/.restored
rm -rf "$new" || fail "cannot remove $new"
set -- --name "$NAME" --initial-advertise-peer-urls "$PEER_URL" --initial-cluster "$INITIAL_CLUSTER" \
  --initial-cluster-token "$TOKEN" --data-dir "$new"
tool=etcdctl
if [ -x "$VERSION_DIR/etcdutl" ]; then
  tool=etcdutl
  case $("$VERSION_DIR/etcdutl" snapshot restore --help 2>&1) in
    *bump-revision*) [ "$BUMP" = 0 ] || set -- "$@" --bump-revision "$BUMP" --mark-compacted ;;
  esac
fi
said=$("$VERSION_DIR/$tool" snapshot restore "$SNAPSHOT" "$@" 2>&1) || {
  rm -rf "$new"
  fail "the snapshot cannot be restored: $(printf '%s\n' "$said" | tail -n 1)"
}
[ -d "$new/member" ] || fail "$tool restored nothing into $new"
rm -f "$SNAPSHOT" # all the keys, and once more the disk that they take
chown -R "$OWNER" "$new" || fail "cannot give $new to $OWNER"
