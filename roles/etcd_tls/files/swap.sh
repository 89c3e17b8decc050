#!/bin/sh
# The next CA becomes the CA; the one before stays trusted. Interrupted at any point, a second run completes it.
set -eu
umask 077
cd "$DIR"
[ -d next ] || { echo unchanged; exit 0; }
place() { cp "$1" "$2.new" && chmod "$3" "$2.new" && mv "$2.new" "$2"; }
if [ ! -e next/begun ]; then
  cp ca.pem next/old.pem
  cp ca-key.pem next/old-key.pem
  : >next/begun
fi
place next/old.pem also-trusted.pem 0644
place next/ca.pem ca.pem 0644
place next/ca-key.pem ca-key.pem 0600
mv next "before-$(date -u +%Y%m%dT%H%M%SZ)"
echo changed
