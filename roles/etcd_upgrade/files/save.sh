#!/bin/sh
# Keeps what is needed to bring this member back: its unit, the environment file and the version that `current` leads to.
set -eu
before=$PROGRAMS_DIR/before-upgrade
rm -f "/run/systemd/system/$SERVICE.service.d/troupe-snapshot.conf"
now=$(readlink "$PROGRAMS_DIR/current")
# Switched by a run before this one: what is kept is of the version before.
[ "$now" != "v$VERSION" ] || exit 0
rm -rf "$before.new"
mkdir -m 0700 "$before.new"
cp -p "/etc/systemd/system/$SERVICE.service" "$before.new/unit"
cp -p "$ENV_FILE" "$before.new/environment"
echo "$now" >"$before.new/version"
rm -rf "$before"
mv "$before.new" "$before"
