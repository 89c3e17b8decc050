#!/bin/sh
# Brings this member back to the version that ran before, with the settings of then, and waits until it is healthy.
set -u
PATH=${ETCD_BIN:-/usr/local/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
before=$PROGRAMS_DIR/before-upgrade
[ -r "$before/version" ] || fail "nothing is known of the version before"
version=$(cat "$before/version")
[ -x "$PROGRAMS_DIR/$version/etcd" ] || fail "$PROGRAMS_DIR/$version is gone"
# One that the gate did not let stop goes on running.
pid=$(systemctl show -p MainPID --value "$SERVICE.service")
running=$(tr '\0' '\n' 2>/dev/null <"/proc/${pid:-0}/environ" | sed -n 's/^TROUPE_REVISION=//p')
kept=$(sed -n 's/^Environment=TROUPE_REVISION=//p' "$before/unit")
stopped=yes
if [ -n "$running" ] && [ "$running" = "$kept" ]; then stopped=no; fi
[ $stopped = no ] || systemctl stop "$SERVICE.service" || fail "cannot stop $SERVICE.service"
rm -f "/run/systemd/system/$SERVICE.service.d/troupe-snapshot.conf"
ln -sfn "$version" "$PROGRAMS_DIR/current" || fail "cannot switch to $version"
unit=/etc/systemd/system/$SERVICE.service
if ! cp -p "$before/unit" "$unit.new" || ! mv "$unit.new" "$unit" || ! cp -p "$before/environment" "$ENV_FILE"; then
  fail "cannot put the unit of $version back"
fi
systemctl daemon-reload
[ $stopped = yes ] || { echo "$version"; exit 0; }
systemctl reset-failed "$SERVICE.service" 2>/dev/null
systemctl start --no-block "$SERVICE.service" || fail "cannot start $SERVICE.service"
end=$(($(date +%s) + HEALTH_TIMEOUT))
until ETCDCTL_ENDPOINTS=$OWN_ENDPOINT etcdctl --dial-timeout=5s --command-timeout=5s endpoint health >/dev/null 2>&1; do
  if [ "$(systemctl show -p NRestarts --value "$SERVICE.service")" -ge 3 ] || [ "$(date +%s)" -ge "$end" ]; then
    fail "$version does not become healthy, either"
  fi
  sleep 1
done
echo "$version"
