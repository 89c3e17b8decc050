#!/bin/sh
# Looks at one node and changes nothing. Prints KEY=VALUE lines: what it found, and a `problem=` or `warning=` for each
# thing that stands in the way. Parameters come as environment variables from the task.
# shellcheck disable=SC2012,SC2153 # the environment's names; ls is the one fork that lists all open files
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C

say() { printf '%s=%s\n' "$1" "$2"; }
problem() { say problem "$1"; }
warning() { say warning "$1"; }
have() { command -v "$1" >/dev/null 2>&1; }

now=$(date +%s)
say skew "$((now - SENT))"
say machine "$(uname -m)"

# --- systemd and our unit ---------------------------------------------------------------------------------------------
main_pid=0 active=none fragment='' enabled=''
if [ -d /run/systemd/system ] && have systemctl; then
  while IFS='=' read -r key value; do
    case $key in
      MainPID) main_pid=$value ;;
      ActiveState) active=$value ;;
      FragmentPath) fragment=$value ;;
      UnitFileState) enabled=$value ;;
    esac
  done <<END
$(systemctl show -p MainPID -p ActiveState -p FragmentPath -p UnitFileState "$SERVICE.service")
END
else
  problem "systemd does not run here; the members are systemd services"
fi
say main_pid "$main_pid"
since=0
if [ "$main_pid" != 0 ]; then
  mono=$(systemctl show -p ActiveEnterTimestampMonotonic --value "$SERVICE.service")
  read -r up _ </proc/uptime
  since=$((now - ${up%%.*} + ${mono:-0} / 1000000))
fi
say since "$since"
say active "$active"
say unit "$fragment"
say enabled "$enabled"

# --- what runs, and what is installed ---------------------------------------------------------------------------------
revision='' running='' scheme='' peer_ca=''
if [ "$main_pid" != 0 ] && [ -r "/proc/$main_pid/environ" ]; then
  revision=$(tr '\0' '\n' <"/proc/$main_pid/environ" | sed -n 's/^TROUPE_REVISION=//p')
  running=$(readlink "/proc/$main_pid/exe")
  case $(tr '\0' ' ' <"/proc/$main_pid/cmdline") in
    *listen-peer-urls?https:*) scheme=https ;;
    *listen-peer-urls?http:*) scheme=http ;;
  esac
  if [ "$scheme" = https ]; then
    trusted() { tr '\0' '\n' <"/proc/$main_pid/cmdline" | sed -n "s/^--$1=//p"; }
    peer_ca=$(trusted peer-trusted-ca-file)
    # Without one, it is a cluster that was installed otherwise.
    case $peer_ca in '') ;; "$(trusted trusted-ca-file)") peer_ca=same ;; *) peer_ca=own ;; esac
  fi
fi
say revision "$revision"
say running "$running"
say scheme "$scheme"
say peer_ca "$peer_ca"
[ "$main_pid" = 0 ] || say quota "$(tr '\0' '\n' 2>/dev/null <"/proc/$main_pid/cmdline" | sed -n 's/^--quota-backend-bytes=//p')"
if [ -x "$VERSION_DIR/etcd" ] && [ -x "$VERSION_DIR/etcdctl" ]; then say have_version yes; else say have_version no; fi
installed=
if [ -x "$SBIN_DIR/etcd3" ]; then
  case $(readlink -f "$SBIN_DIR/etcd3") in
    */v[0-9]*/etcd) installed=$(readlink -f "$SBIN_DIR/etcd3") installed=${installed%/etcd} installed=${installed##*/v} ;;
    *) installed=$("$SBIN_DIR/etcd3" --version 2>/dev/null | sed -n 's/^etcd Version: //p') ;;
  esac
fi
say installed "$installed"
[ ! -x "$BIN_DIR/etcdctl" ] || say etcdctl yes
if id "$ETCD_USER" >/dev/null 2>&1; then say user yes; else say user no; fi

# --- settings that were chosen when the cluster was made --------------------------------------------------------------
token='' before='' pending=no
if [ -r "$ENV_FILE" ]; then
  token=$(sed -n 's/^CLUSTER_TOKEN=//p' "$ENV_FILE")
  before=$(sed -n 's/^CLUSTER_TOKENS_BEFORE=//p' "$ENV_FILE")
fi
[ -e "$BOOTSTRAP_FILE" ] && pending=yes
say token "$token"
say tokens_before "$before"
# Of a playbook that changes members one by one (roles/etcd_lock).
[ ! -r /run/etcd3-maintenance ] || say at_work "$(cat /run/etcd3-maintenance)"
say bootstrap_pending "$pending"

# --- the data ---------------------------------------------------------------------------------------------------------
data=none
if [ -L "$DATA_DIR" ] || [ -d "$DATA_DIR" ]; then
  if [ -d "$DATA_DIR/member" ]; then
    if [ -n "$fragment" ] && grep -q -e "$DATA_DIR\([^[:alnum:]._-]\|\$\)" "$fragment"; then
      data=ours
    else
      data=foreign
      # A service of ours under another name?
      other=$(grep -l -e "--data-dir[= ]$DATA_DIR\([[:space:]]\|\$\)" /etc/systemd/system/*.service 2>/dev/null | head -n 1)
      other=${other##*/} other=${other%.service}
      if [ -n "$other" ] && [ "$other" != "$SERVICE" ] && grep -q 'Written by Troupe' "/etc/systemd/system/$other.service"; then
        problem "$DATA_DIR is the data of $other.service, and etcd_service is $SERVICE: a member cannot take another service's name; set etcd_service to $other"
      else
        problem "$DATA_DIR holds the data of another etcd; set installation_dir to a directory of this cluster's own"
      fi
    fi
  else
    data=empty
    for entry in "$DATA_DIR"/* "$DATA_DIR"/.[!.]*; do
      [ -e "$entry" ] || continue
      case ${entry##*/} in lost+found | .bash* | .profile | .restored | member.before-*) continue ;; esac
      problem "$DATA_DIR is not empty (it holds ${entry##*/}) and is not the data of an etcd; set installation_dir to another folder or empty it"
      data=foreign
      break
    done
  fi
elif [ -e "$DATA_DIR" ]; then
  problem "$DATA_DIR is not a folder; set installation_dir to another path"
fi
say data "$data"

# --- disk and memory --------------------------------------------------------------------------------------------------
# Free MiB of the file system that holds a path, or would.
free_mb() {
  at=$1
  while [ ! -d "$at" ]; do at=${at%/*}; [ -n "$at" ] || at=/; done
  df -Pk "$at" | { read -r _; read -r _ _ _ free _; echo $((free / 1024)); }
}
free=$(free_mb "$DATA_DIR")
say free_mb "$free"
if [ "$data" != ours ]; then
  if [ "$free" -lt "$MIN_FREE_MB" ]; then
    problem "only $free MiB are free for $DATA_DIR; make room, set installation_dir to a bigger disk, or lower etcd_min_free_mb ($MIN_FREE_MB)"
  elif [ "$free" -lt $((QUOTA / 524288)) ]; then
    warning "$free MiB are free for $DATA_DIR; etcd_quota_bytes may need up to $((QUOTA / 524288)) MiB (twice the quota)"
  fi
fi
if [ ! -x "$VERSION_DIR/etcd" ] && [ "$(free_mb "$VERSION_DIR")" -lt 250 ]; then
  problem "less than 250 MiB are free for $VERSION_DIR; make room or set etcd_programs_dir to a bigger disk"
fi
while read -r key kb _; do
  [ "$key" = MemTotal: ] || continue
  [ $((kb / 1024)) -ge $((QUOTA / 1048576)) ] ||
    warning "this host has $((kb / 1024)) MiB of memory, less than etcd_quota_bytes ($((QUOTA / 1048576)) MiB); a full database would not fit"
  break
done </proc/meminfo

# --- addresses --------------------------------------------------------------------------------------------------------
if have ip; then
  addresses=$(ip -o addr show | while read -r _ _ _ address _; do printf ' %s' "${address%%/*}"; done)
elif have hostname; then
  addresses=" $(hostname -I 2>/dev/null)"
else
  addresses=
fi
case "$addresses " in
  '  ' | ' ' | *" $IP "*) ;;
  *) problem "ip=$IP is not an address of this host (it has$addresses); correct ip of $HOST in the inventory" ;;
esac

resolve() {
  if have getent; then
    getent ahosts "$1" | while read -r address _; do printf ' %s' "$address"; done
  else
    while read -r address names; do
      case " $names " in *" $1 "*) printf ' %s' "$address" ;; esac
    done </etc/hosts
    have nslookup && nslookup "$1" 2>/dev/null | sed -n '/^Name/,$s/^Address[^:]*: *\([^ ]*\).*/ \1/p' | tr -d '\n'
  fi
}
for pair in $NAMES; do
  name=${pair%%=*} address=${pair#*=}
  found=$(resolve "$name")
  case "$found " in
    ' ') problem "the name $name does not resolve on this host; add it to DNS or /etc/hosts, correct fqdn in the inventory, or set advertise_format: ip" ;;
    *" $address "*) ;;
    *)
      case "$address$found " in
        "$IP 127."* | "$IP ::1 "*) warning "$name, this host's own name, leads to$found; clients on this host must use $IP" ;;
        *) problem "the name $name leads to$found on this host, but the inventory says ip=$address; correct DNS, /etc/hosts or the inventory, or set advertise_format: ip" ;;
      esac
      ;;
  esac
done

# --- ports ------------------------------------------------------------------------------------------------------------
# The kernel writes an IPv4 address as the hex of its bytes in reverse.
hex_of_ip() {
  rest=$1
  a=${rest%%.*} rest=${rest#*.} b=${rest%%.*} rest=${rest#*.}
  printf '%02X%02X%02X%02X' "${rest#*.}" "${rest%%.*}" "$b" "$a"
}
case $IP in *:*) own_hex=any ;; *) own_hex=$(hex_of_ip "$IP") ;; esac

# Inodes of sockets that listen on a port where etcd would.
listeners() {
  port_hex=$(printf '%04X' "$1")
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r _ local _ state _ _ _ _ _ inode _; do
      [ "$state-${local##*:}" = "0A-$port_hex" ] || continue
      case ${local%:*} in
        00000000 | 0100007F | "$own_hex" | 00000000000000000000000000000000) echo "$inode" ;;
        *) [ "$own_hex" = any ] && echo "$inode" ;;
      esac
    done <"$table"
  done
}
owner_of() {
  ls -l /proc/[0-9]*/fd 2>/dev/null | while read -r line; do
    case $line in
      /proc/*/fd:) pid=${line#/proc/} pid=${pid%/fd:} ;;
      *"socket:[$1]") printf '%s (process %s)' "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-60)" "$pid"; break ;;
    esac
  done
}
check_port() {
  for inode in $(listeners "$1"); do
    case $main_pid/$(ls -l "/proc/$main_pid/fd" 2>/dev/null) in [1-9]*"socket:[$inode]"*) continue ;; esac
    owner=$(owner_of "$inode")
    # What a run that was killed left listening to try the ways between the hosts; the next try ends it.
    case $owner in *'(process 1)') systemctl is-active --quiet "troupe-reach-$1.socket" && continue ;; esac
    problem "port $1 is in use by ${owner:-another process}; set $2 to a free port"
    return
  done
}
check_port "$CLIENT_PORT" etcd_port_client
check_port "$PEERS_PORT" etcd_port_peers

# --- programs the installation uses -----------------------------------------------------------------------------------
for program in tar gzip sha256sum; do
  have "$program" || problem "$program is missing on this host; install it"
done
if [ "$DOWNLOAD_ON" = node ] && [ ! -x "$VERSION_DIR/etcd" ] && ! have curl && ! have wget; then
  problem "neither curl nor wget is on this host; install one, or set etcd_download_on: controller"
fi
exit 0
