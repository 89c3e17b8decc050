# Collects what facts are made of and leaves the reading to the controller: most of it is one `grep` over small files of
# /proc, /sys and /etc. What may hang (mounts, name service, the user's own scripts) runs under a time limit.
# shellcheck disable=SC2086,SC2154 # lists are split on purpose; variables of the request
do_setup() {
  sbin_path
  set -- /proc/sys/kernel/ostype /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/version
  [ -z "$s_min" ] || set -- "$@" /etc/os-release /etc/debian_version /etc/redhat-release /etc/centos-release \
    /etc/oracle-release /etc/system-release /etc/alpine-release /etc/lsb-release /etc/machine-id \
    /var/lib/dbus/machine-id /proc/cmdline /etc/resolv.conf /proc/sys/crypto/fips_enabled /sys/fs/selinux/enforce \
    /sys/fs/selinux/policyvers /etc/selinux/config /etc/ssh/ssh_host_*_key.pub /proc/1/comm /etc/hosts
  [ -z "$s_hardware" ] || set -- "$@" /proc/meminfo /proc/cpuinfo /proc/uptime /proc/self/status /sys/class/dmi/id/* \
    /sys/block/*/size /sys/block/*/removable /sys/block/*/ro /sys/block/*/queue/rotational \
    /sys/block/*/queue/scheduler /sys/block/*/queue/logical_block_size /sys/block/*/queue/discard_granularity \
    /sys/block/*/device/vendor /sys/block/*/device/model /sys/block/*/device/sas_address \
    /sys/block/*/device/sas_device_handle /sys/block/*/*/partition /sys/block/*/*/start /sys/block/*/*/size /etc/mtab
  [ -z "$s_network" ] || set -- "$@" /sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate \
    /sys/class/net/*/flags /sys/class/net/*/type /sys/class/net/*/speed /sys/class/net/*/bridge/bridge_id \
    /sys/class/net/*/bridge/stp_state /sys/class/net/*/bonding/mode /sys/class/net/*/bonding/slaves \
    /sys/class/net/*/bonding/miimon /sys/class/net/*/bonding/lacp_rate /proc/net/if_inet6
  [ -z "$s_virtual" ] || set -- "$@" /proc/1/cgroup /run/systemd/container /sys/hypervisor/type \
    /proc/xen/capabilities /proc/modules
  [ -n "$s_hardware" ] || [ -z "$s_virtual" ] || set -- "$@" /proc/cpuinfo /sys/class/dmi/id/*
  [ -z "$s_other" ] || set -- "$@" /proc/loadavg /etc/iscsi/initiatorname.iscsi /etc/nvme/hostnqn \
    /sys/class/fc_host/*/port_name
  printf 'files\0'
  grep -sH '' "$@"
  printf '\0machine\0'
  uname -m
  printf '\0'
  [ -z "$s_min" ] || setup_system
  [ -z "$s_hardware" ] || setup_hardware
  [ -z "$s_network" ] || setup_network
  [ -z "$s_virtual" ] || setup_virtual
  [ -z "$s_other" ] || reply is_chroot "$(setup_chroot)"
  [ -z "$s_local" ] || setup_local
  [ -z "$s_python" ] || setup_python
  if [ -n "$s_min" ]; then
    reply_rest environ
    cat /proc/self/environ
  fi
}

# setup_tell KEY COMMAND...: a command's output under the time limit, if there is such a command.
setup_tell() {
  s_key=$1
  shift
  have "$1" || return 0
  have timeout && set -- timeout "$s_timeout" "$@"
  printf '%s\0' "$s_key"
  "$@" 2>/dev/null || [ $? != 124 ] || s_late="$s_late $s_key"
  printf '\0'
}

setup_system() {
  setup_tell date date '+%Y|%m|%d|%H|%M|%S|%s|%N|%A|%w|%V|%W|%Z|%z'
  setup_tell fqdn hostname -f
  setup_tell long_bit getconf LONG_BIT
  setup_tell lsb lsb_release -a
  setup_tell capsh capsh --print
  [ ! -d /run/systemd/system ] || setup_tell systemd systemctl --version
  s_id=$(id -u):$(id -g)
  reply ids "$s_id"
  while IFS= read -r s_line || [ -n "$s_line" ]; do
    case $s_line in *:*:"${s_id%%:*}":*) reply passwd "$s_line" && break ;; esac
  done </etc/passwd
  for s_word in apt-get dnf5 dnf-3 dnf yum microdnf zypper pacman apk rpm-ostree emerge xbps-install pkg opkg swupd; do
    ! have "$s_word" || reply has "$s_word"
  done
  for s_word in /run/systemd/system /dev/.run/systemd /dev/.systemd /sbin/openrc-run /sbin/openrc /sbin/initctl /etc/init.d \
    /sys/kernel/security/apparmor /usr/bin/apt-get /run/ostree-booted; do
    [ ! -e "$s_word" ] || reply exists "$s_word"
  done
  [ ! -L /sbin/init ] || reply init "$(readlink /sbin/init)"
}

# Names of mount points have their blanks written as \040; a network mount that does not answer costs only its own turn.
setup_hardware() {
  printf 'mounts\0'
  cat /proc/mounts
  printf '\0statfs\0'
  while read -r s_device s_point s_type _; do
    case $s_device in /* | *:/*) ;; *) continue ;; esac
    [ "$s_type" != none ] || continue
    case $s_point in *\\*) s_point=$(printf '%b' "$s_point") ;; esac
    case $s_type in
      nfs* | cifs | smb* | fuse* | ceph* | gluster* | 9p) setup_statfs "$s_point" ;;
      *) set -- "$@" "$s_point" ;;
    esac
  done </proc/mounts
  setup_all_statfs "$@"
  printf '\0'
  printf 'disks\0'
  ls -l /dev/disk/by-id /dev/disk/by-uuid /dev/disk/by-label 2>/dev/null
  printf '\0'
  for s_word in /sys/block/*/holders/* /sys/block/*/*/holders/*; do [ ! -e "$s_word" ] || reply holder "$s_word"; done
  printf 'blocks\0'
  ls -l /sys/block 2>/dev/null
  printf '\0'
  if [ "$(id -u)" = 0 ] && have vgs; then
    setup_tell vgs vgs --noheadings --nosuffix --units g --separator ,
    setup_tell lvs lvs --noheadings --nosuffix --units g --separator ,
    setup_tell pvs pvs --noheadings --nosuffix --units g --separator ,
  fi
  [ -z "$s_late" ] || warn "facts that did not come within gather_timeout ($s_timeout s):$s_late"
}

setup_statfs() {
  if have timeout; then
    timeout "$s_timeout" stat -f -c '%S|%b|%a|%c|%d|%n' -- "$1" 2>/dev/null || [ $? != 124 ] || s_late="$s_late $1"
  else
    stat -f -c '%S|%b|%a|%c|%d|%n' -- "$1" 2>/dev/null
  fi
}

setup_all_statfs() {
  [ $# = 0 ] || stat -f -c '%S|%b|%a|%c|%d|%n' -- "$@" 2>/dev/null
}

setup_network() {
  if have ip; then
    setup_tell addresses ip -o addr show
    setup_tell route4 ip -4 route get 8.8.8.8
    setup_tell route6 ip -6 route get 2404:6800:400a:800::1012
    setup_tell local4 ip -4 route show table local
    setup_tell local6 ip -6 route show table local
  else
    setup_tell ifconfig ifconfig -a
    printf 'routes\0'
    cat /proc/net/route 2>/dev/null
    printf '\0'
  fi
  printf 'netlinks\0'
  ls -ld /sys/class/net/*/device /sys/class/net/*/device/driver/module /sys/class/net/*/brif/* 2>/dev/null
  printf '\0'
}

setup_virtual() {
  for s_word in /.dockerenv /.dockerinit /run/.containerenv /proc/vz /proc/bc /proc/lxc /proc/xen /sys/bus/xen \
    /dev/kvm /dev/vboxdrv /proc/sys/xen /sys/devices/virtual/dmi; do
    [ ! -e "$s_word" ] || reply exists "$s_word"
  done
  [ ! -r /proc/1/environ ] || { printf 'init_environ\0'; tr '\0' '\n' </proc/1/environ 2>/dev/null; printf '\0'; }
}

setup_chroot() {
  if [ "$(stat -c %d:%i / 2>/dev/null)" != "$(stat -c %d:%i /proc/1/root/. 2>/dev/null)" ] && [ -r /proc/1/root/. ]; then
    printf 1
  fi
}

# What Python says of itself: the interpreter that the inventory names, else the first that is there and works.
setup_python() {
  if [ -n "$s_interpreter" ]; then
    setup_ask_python $s_interpreter
    return
  fi
  for s_word in python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/bin/python3 python3; do
    have "$s_word" || continue
    s_found=$(command -v "$s_word")
    setup_ask_python "$s_found" || continue
    reply interpreter "$s_found"
    break
  done
}

# setup_ask_python WORD...: whether it answers.
setup_ask_python() {
  s_ask='import sys
try:
    from ssl import SSLContext
    ssl = 1
except ImportError:
    ssl = 0
print(sys.executable); print(sys.implementation.name); print(ssl)
for part in sys.version_info: print(part)'
  set -- "$@" -c "$s_ask"
  ! have timeout || set -- timeout "$s_timeout" "$@"
  s_said=$("$@" 2>/dev/null) && reply python "$s_said"
}

# The host's own facts: files of JSON or ini, or programs that print them.
setup_local() {
  [ -d "$s_fact_path" ] || return 0
  for s_file in "$s_fact_path"/*.fact; do
    [ -e "$s_file" ] || [ -L "$s_file" ] || continue
    s_word=${s_file##*/}
    reply local_name "${s_word%.fact}"
    reply local_path "$s_file"
    if [ ! -e "$s_file" ]; then
      s_text=''
      reply local_rc absent
    elif [ -x "$s_file" ]; then
      # Into a file: a child that outlives the time limit would hold a pipe open.
      temp_folder
      if have timeout; then
        timeout "$s_timeout" "$s_file" >"$T_TMP/fact" 2>/dev/null
      else
        "$s_file" >"$T_TMP/fact" 2>/dev/null
      fi
      s_rc=$?
      s_text=$(cat "$T_TMP/fact")
      rm -f "$T_TMP/fact"
      reply local_rc "$s_rc"
    else
      s_text=$(cat "$s_file" 2>/dev/null)
      reply local_rc 0
    fi
    reply local_text "$s_text"
  done
}
