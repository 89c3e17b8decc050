#!/bin/sh
# Takes a snapshot through this member, proves it, gives it its final name and forgets the oldest. Prints its path.
# etcdctl's settings come from the environment. A copy of the member's file would lack the end of the log, and its sum.
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { rm -f "${part:-}" "${part:-}.part"; echo "$1" >&2; exit 1; }

mkdir -p "$DIR" || fail "cannot make $DIR"
part=$(mktemp "$DIR/.snapshot.XXXXXX") || fail "cannot write to $DIR"
rm -f "$part" # etcdctl wants to make it
ETCDCTL_ENDPOINTS=$OWN_ENDPOINT etcdctl --command-timeout=600s snapshot save "$part" >/dev/null 2>"$part.log" || {
  message=$(tail -n 1 "$part.log")
  rm -f "$part.log"
  fail "etcdctl snapshot save failed: $message"
}
rm -f "$part.log"
if command -v etcdutl >/dev/null 2>&1; then tool=etcdutl; else tool=etcdctl; fi
state=$($tool snapshot status "$part" -w json 2>/dev/null) || fail "the snapshot cannot be read"
revision=${state##*\"revision\":} revision=${revision%%[!0-9]*}
keys=${state##*\"totalKey\":} keys=${keys%%[!0-9]*}
case $revision,$keys in ,* | *,) fail "the snapshot's state is not as expected: $state" ;; esac
# The sum at its end is compared only by a restore.
$tool snapshot restore "$part" --data-dir "$part.try" >/dev/null 2>&1 || { rm -rf "$part.try"; fail "the snapshot is damaged: it cannot be restored"; }
rm -rf "$part.try"
name=$DIR/etcd-$(date -u +%Y%m%dT%H%M%SZ)-r$revision.db
sum=$(sha256sum <"$part")
mv "$part" "$name" || fail "cannot rename to $name"
echo "${sum%% *}  ${name##*/}" >"$name.sha256"
printf '{"file":"%s","sha256":"%s","revision":%s,"keys":%s,"version":"%s","member":"%s","time":"%s"}\n' \
  "${name##*/}" "${sum%% *}" "$revision" "$keys" "$VERSION" "$MEMBER" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$name.json"
# Names sort by time.
count=0
for old in $(printf '%s\n' "$DIR"/etcd-*.db | sort -r); do
  count=$((count + 1))
  [ "$count" -le "$KEEP" ] || rm -f "$old" "$old.sha256" "$old.json"
done
cat "$name.json"
