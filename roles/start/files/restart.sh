#!/bin/sh
# Restarts this member, but only where the cluster can do without it for a moment: asked here and now, of every member.
# A member that is not healthy anyway may always be restarted. etcdctl's settings come from the environment.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
# etcdctl refuses a setting that comes both from the environment and as a flag.
healthy() { ETCDCTL_ENDPOINTS=$1 etcdctl --dial-timeout=2s --command-timeout=5s endpoint health >/dev/null 2>&1; }

voters=0
for row in $(etcdctl --dial-timeout=2s --command-timeout=5s member list -w simple 2>/dev/null | tr -d ' '); do
  case $row in *,true) ;; *) voters=$((voters + 1)) ;; esac
done
well=0
own_well=no
others=$(printf %s "$ETCDCTL_ENDPOINTS" | tr , ' ')
for endpoint in $others; do
  healthy "$endpoint" || continue
  well=$((well + 1))
  [ "$endpoint" = "$OWN_ENDPOINT" ] && own_well=yes
done
quorum=$((voters / 2 + 1))
if [ "$own_well" = yes ] && [ "$voters" -gt 2 ] && [ $((well - 1)) -lt "$quorum" ]; then
  fail "stopping this member would leave $((well - 1)) of $voters members healthy, and $quorum must be; repair the others first"
fi

systemctl daemon-reload || fail "systemctl daemon-reload failed"
systemctl stop "$SERVICE.service" || fail "cannot stop $SERVICE.service"
# Data that another user wrote (a member that used to run as root).
chown -R "$ETCD_OWNER" "$DATA_DIR" || fail "cannot give $DATA_DIR to $ETCD_OWNER"
systemctl reset-failed "$SERVICE.service" 2>/dev/null
systemctl start --no-block "$SERVICE.service" || fail "cannot start $SERVICE.service"
end=$(($(date +%s) + HEALTH_TIMEOUT))
until healthy "$OWN_ENDPOINT"; do
  [ "$(date +%s)" -lt "$end" ] || {
    echo "the member is not healthy $HEALTH_TIMEOUT seconds after its restart; its journal says:" >&2
    journalctl -u "$SERVICE.service" -n 20 --no-pager -o cat | cut -c1-400 >&2
    exit 1
  }
  sleep 1
done
