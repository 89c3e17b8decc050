#!/bin/sh
# Restarts this member, but only where the cluster can do without it for a moment: asked here and now, of every member.
# A member that is not healthy anyway may always be restarted. etcdctl's settings come from the environment.
set -u
PATH=${ETCD_BIN:-/usr/local/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "$1" >&2; exit 1; }
# etcdctl refuses a setting that comes both from the environment and as a flag.
# A member with an alarm answers, though etcdctl calls it unhealthy; the alarm is the proof's concern.
answers() {
  said=$(ETCDCTL_ENDPOINTS=$1 etcdctl --dial-timeout="${dial:-5s}" --command-timeout=5s endpoint health 2>&1) && return 0
  case $said in *'Active Alarm'*) return 0 ;; esac
  return 1
}

# A member that has not restarted yet may still listen on the port that was the cluster's before.
pid=$(systemctl show -p MainPID --value "$SERVICE.service")
port=$(tr '\0' '\n' 2>/dev/null <"/proc/${pid:-0}/environ" | sed -n 's/^CLIENT_PORT=//p')
before() { printf '%s:%s' "${1%:*}" "$port"; }
healthy() { answers "$1" || { [ -n "$port" ] && [ "${1##*:}" != "$port" ] && answers "$(before "$1")"; }; }
all=$ETCDCTL_ENDPOINTS
others=$(printf %s "$all" | tr , ' ')
if [ -n "$port" ]; then for endpoint in $others; do all=$all,$(before "$endpoint"); done; fi
ctl() { ETCDCTL_ENDPOINTS=$1 etcdctl --dial-timeout=5s --command-timeout=5s "$2" "$3" -w simple 2>/dev/null | tr -d ' '; }

# Counts who votes and who of them is well, by everyone's own answer.
look() {
  voters=0 well=0 own_well=no
  rows=$(ctl "$all" member list)
  for row in $rows; do
    case $row in *,true) ;; *) voters=$((voters + 1)) ;; esac
  done
  for endpoint in $others; do
    healthy "$endpoint" || continue
    well=$((well + 1))
    [ "$endpoint" = "$OWN_ENDPOINT" ] && own_well=yes
  done
  quorum=$((voters / 2 + 1))
}
# Whether the cluster works on while this member is away; of one or two none can be away, and then it must be.
dispensable() {
  [ -n "$rows" ] || return 1
  if [ "$own_well" = no ]; then [ "$well" -ge "$quorum" ] || [ "$well" -eq $((voters - 1)) ]; return; fi
  [ "$voters" -le 2 ] || [ $((well - 1)) -ge "$quorum" ]
}
# A member that is busy, or an election, must not look like one that is lost.
end=$(($(date +%s) + SETTLE_TIMEOUT))
until look && dispensable; do
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 1
done
if [ "$own_well" = yes ] && ! dispensable; then
  [ -n "$rows" ] || fail "no member tells who the members are"
  fail "stopping this member would leave $((well - 1)) of $voters members healthy, and $quorum must be; repair the others first"
fi

# Nor where a restart before this one has raised an alarm: the next one would spread it.
case $(ETCDCTL_ENDPOINTS=$all etcdctl --dial-timeout=5s --command-timeout=5s alarm list 2>/dev/null) in
  *CORRUPT*) fail "a member has the alarm CORRUPT: replace-member.yaml makes it anew; no member is restarted before" ;;
  *NOSPACE*)
    case " ${ALARMS:-} " in
      *' NOSPACE '*) ;;
      *) fail "the alarm NOSPACE was raised while members were restarted; this one and the ones after it are left as they are. Raise etcd_quota_bytes again, run install.yaml and then defrag.yaml" ;;
    esac
    ;;
esac

# The others must know where they will find it before it moves there (M-08).
again() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || return 1
    sleep 1
  done
}
find_own_id() {
  status=$(ctl "$OWN_ENDPOINT" endpoint status)
  [ -n "$status" ] || [ -z "$port" ] || status=$(ctl "$(before "$OWN_ENDPOINT")" endpoint status)
  id=$(printf '%s\n' "$status" | cut -d, -f2)
  [ -n "$id" ]
}
tell() { ETCDCTL_ENDPOINTS=$all etcdctl --dial-timeout=5s --command-timeout=10s member update "$id" --peer-urls="$PEER_URL" >/dev/null; }
if [ "$own_well" = yes ]; then
  again find_own_id || fail "this member does not tell its state"
  urls=$(printf '%s\n' "$rows" | sed -n "s/^$id,started,[^,]*,\(.*\),http[^,]*,[a-z]*$/\1/p")
  if [ -n "$urls" ] && [ "$urls" != "$PEER_URL" ]; then
    again tell || fail "cannot tell the others that this member will be at $PEER_URL"
  fi
fi

# Of an upgrade that was interrupted (roles/etcd_upgrade), unless it is what this restart is for.
[ -n "${SNAPSHOT:-}" ] || rm -f "/run/systemd/system/$SERVICE.service.d/troupe-snapshot.conf"
systemctl daemon-reload || fail "systemctl daemon-reload failed"
systemctl stop "$SERVICE.service" || fail "cannot stop $SERVICE.service"
# Data that another user wrote (a member that used to run as root).
chown -R "$ETCD_OWNER" "$DATA_DIR" || fail "cannot give $DATA_DIR to $ETCD_OWNER"
systemctl reset-failed "$SERVICE.service" 2>/dev/null
systemctl start --no-block "$SERVICE.service" || fail "cannot start $SERVICE.service"
end=$(($(date +%s) + HEALTH_TIMEOUT))
# A dead endpoint is given up after this time; a busy one may need longer.
dial=2s
until answers "$OWN_ENDPOINT"; do
  dial=5s
  # One that ends again and again does not become healthy by waiting.
  restarts=$(systemctl show -p NRestarts --value "$SERVICE.service")
  if [ "$(date +%s)" -ge "$end" ] || [ "${restarts:-0}" -ge 3 ]; then
    echo "the member is not healthy $(($(date +%s) - end + HEALTH_TIMEOUT)) seconds after its restart; its journal says:" >&2
    journal=$(journalctl -u "$SERVICE.service" -n 200 --no-pager -o cat)
    # What it died of, without the stack; else its last lines.
    why=$(printf '%s\n' "$journal" | grep -e '"level":"\(fatal\|panic\)"' -e '^panic:' | tail -n 3)
    printf '%s\n' "${why:-$(printf '%s\n' "$journal" | tail -n 20)}" | cut -c1-400 >&2
    exit 1
  fi
  sleep 0.2 2>/dev/null || sleep 1
done
