#!/bin/sh
# Unpacks only the programs, into a folder that appears under its final name complete or not at all.
set -eu
umask 022
fail() { echo "$1" >&2; exit 1; }

[ ! -x "$VERSION_DIR/etcd" ] || { echo unchanged; exit 0; }
unfinished=$(mktemp -d "${VERSION_DIR%/*}/.unpack.XXXXXX")
trap 'rm -rf "$unfinished"' EXIT
inside=${ARCHIVE##*/} inside=${inside%.tar.gz}
tar -xzof "$ARCHIVE" -C "$unfinished" 2>"$unfinished/.error" ||
  fail "cannot unpack $ARCHIVE: $(head -n 3 "$unfinished/.error")"
for program in etcd etcdctl etcdutl; do
  if [ -s "$unfinished/$inside/$program" ]; then
    mv "$unfinished/$inside/$program" "$unfinished/$program"
    chmod 0755 "$unfinished/$program"
  elif [ "$program" != etcdutl ]; then # there is none before 3.5
    fail "there is no $inside/$program in $ARCHIVE"
  fi
done
rm -rf "$unfinished/.error" "$unfinished/${inside:?}"
found=$("$unfinished/etcd" --version | sed -n 's/^etcd Version: //p')
[ "$found" = "$VERSION" ] || fail "the archive holds etcd ${found:-of no version}, not $VERSION"
chmod 0755 "$unfinished"
rm -rf "$VERSION_DIR" # an unfinished one of another time
mv "$unfinished" "$VERSION_DIR"
trap - EXIT
rm -f "$ARCHIVE"
echo changed
