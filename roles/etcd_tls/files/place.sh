#!/bin/sh
# New keys and certificates take the places of the old, each pair at once: both were written beside them before. A pair of
# which only the key was placed, in a run that was cut off, is completed; a key without a certificate is not used.
set -eu
umask 077
cd "$DIR" 2>/dev/null || exit 0
for pair in $PAIRS; do
  cert=${pair%%:*} key=${pair#*:}
  if [ -s "$cert.new" ]; then
    [ ! -e "$key.new" ] || mv "$key.new" "$key"
    mv "$cert.new" "$cert"
    echo changed
  elif [ -n "${FORGET:-}" ]; then
    rm -f "$cert.new" "$key.new"
  fi
done
