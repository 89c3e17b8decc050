#!/bin/sh
# etcd 3.7 cannot read requests of the v2 API, and every 3.5 wrote some to the log. A raft snapshot of 3.6 hides them: it must be
# younger than the moment from which all members ran 3.6. Where there is none, the member is restarted once so that it writes
# one at its next entry. STEP=begin: says `needed` and prepares the restart. STEP=end: waits for the snapshot.
# shellcheck disable=SC2012 # names that etcd gives
set -u
PATH=${ETCD_BIN:-/usr/local/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
folder=/run/systemd/system/$SERVICE.service.d
newest() {
  file=$(ls -t "$DATA_DIR/member/snap"/*.snap 2>/dev/null | head -n 1)
  if [ -n "$file" ]; then stat -c %Y "$file"; else echo 0; fi
}
if [ "$STEP" = begin ]; then
  [ "$(newest)" -le $((SINCE)) ] || exit 0
  # The running unit's own command line, with one flag changed.
  start=$(sed -n '/^ExecStart=/,/[^\\]$/p' "/etc/systemd/system/$SERVICE.service" | sed 's/--snapshot-count=[0-9]*/--snapshot-count=1/')
  case $start in *--snapshot-count=1*) ;; *) fail "the unit has no --snapshot-count" ;; esac
  mkdir -p "$folder" || fail "cannot create $folder"
  printf '[Service]\nExecStart=\n%s\n' "$start" >"$folder/troupe-snapshot.conf" || fail "cannot write to $folder"
  echo needed
  exit 0
fi
mono=$(systemctl show -p ActiveEnterTimestampMonotonic --value "$SERVICE.service")
read -r up _ </proc/uptime
started=$(($(date +%s) - ${up%%.*} + mono / 1000000 - 1))
end=$(($(date +%s) + HEALTH_TIMEOUT))
until [ "$(newest)" -ge "$started" ]; do
  [ "$(date +%s)" -lt "$end" ] || fail "the member has written no raft snapshot within $HEALTH_TIMEOUT seconds"
  # An entry in the log that touches no key.
  ETCDCTL_ENDPOINTS=$OWN_ENDPOINT etcdctl --command-timeout=5s lease grant 1 >/dev/null 2>&1
  sleep 1
done
rm -f "$folder/troupe-snapshot.conf"
rmdir "$folder" 2>/dev/null
systemctl daemon-reload
