# Debian's packages. What is installed is asked once (dpkg-query); apt-get runs only where something is to be done, and
# what it says decides whether something changed. Its errors stay on stderr for the controller.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120,SC2254 # variables are shared by functions; some are split on purpose

apt_environment() {
  sbin_path
  export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C.UTF-8 LANG=C.UTF-8 LANGUAGE=C
  a_options="-o DPkg::Lock::Timeout=${a_lock_timeout:-60}"
  IFS=,
  set -- ${a_dpkg_options-force-confdef,force-confold}
  unset IFS
  for a_word in "$@"; do a_options="$a_options -o Dpkg::Options::=--$a_word"; done
  [ -z "$a_allow_unauthenticated" ] || a_options="$a_options --allow-unauthenticated"
  [ -z "$a_allow_downgrade" ] || a_options="$a_options --allow-downgrades"
  [ -z "$a_allow_change_held_packages" ] || a_options="$a_options --allow-change-held-packages"
  [ -z "$a_force" ] || a_options="$a_options --allow-downgrades --allow-remove-essential --allow-change-held-packages --allow-unauthenticated"
  case $a_install_recommends in
    0) a_options="$a_options -o APT::Install-Recommends=no" ;;
    1) a_options="$a_options -o APT::Install-Recommends=yes" ;;
  esac
}

# apt_run WORD...: apt-get with what is said kept in a_out.
apt_run() {
  checking && set -- --simulate "$@"
  [ -z "$a_default_release" ] || set -- "$@" -t "$a_default_release"
  apt_policy_begin
  a_out=$(apt-get -q -y $a_options "$@")
  a_rc=$?
  apt_policy_end
  reply stdout "$a_out"
  reply cmd "apt-get $*"
  [ "$a_rc" = 0 ] || { reply rc "$a_rc"; exit 0; }
}

# policy_rc_d: while packages are unpacked, what invoke-rc.d is told about starting services.
apt_policy_begin() {
  a_policy_file=/usr/sbin/policy-rc.d
  if [ -z "$a_policy_rc_d" ] || checking; then return 0; fi
  [ ! -e "$a_policy_file" ] || mv -f "$a_policy_file" "$a_policy_file.troupe"
  (umask 022 && printf '#!/bin/sh\nexit %d\n' "$a_policy_rc_d" >"$a_policy_file") && chmod 755 "$a_policy_file"
}
apt_policy_end() {
  if [ -z "$a_policy_rc_d" ] || checking; then return 0; fi
  rm -f "$a_policy_file"
  [ ! -e "$a_policy_file.troupe" ] || mv -f "$a_policy_file.troupe" "$a_policy_file"
}

# Whether the last apt-get did anything.
apt_did() {
  case $a_out in *'0 upgraded, 0 newly installed, 0 to remove and'* | *'0 packages upgraded, 0 newly installed, 0 to remove'*) return 1 ;; esac
}

apt_cache_time() {
  if [ -e /var/lib/apt/periodic/update-success-stamp ]; then
    a_time=$(stat -c %Y /var/lib/apt/periodic/update-success-stamp)
  elif [ -d /var/lib/apt/lists ]; then
    a_time=$(stat -c %Y /var/lib/apt/lists)
  else
    a_time=0
  fi
}

apt_update() {
  apt_cache_time
  a_updated=
  if [ -n "$a_update_cache" ] || [ "${a_cache_valid_time:-0}" != 0 ]; then
    a_now=$(date +%s)
    if [ "$((a_time + ${a_cache_valid_time:-0}))" -le "$a_now" ]; then
      if checking; then
        a_updated=1
      else
        a_before=$a_time
        apt_fetch_lists
        apt_cache_time
        if [ "$a_time" != "$a_before" ]; then
          a_updated=1
        elif [ ! -e /var/lib/apt/periodic/update-success-stamp ]; then
          # apt leaves the folder's time alone where no list was new: cache_valid_time would fetch every time.
          touch /var/lib/apt/lists
          a_time=$a_now
        fi
      fi
    fi
  fi
  reply cache_update_time "$a_time"
  reply cache_updated "$a_updated"
}

apt_fetch_lists() {
  a_try=0
  a_delay=1
  while :; do
    a_out=$(apt-get -q -o "DPkg::Lock::Timeout=${a_lock_timeout:-60}" update 2>&1)
    a_rc=$?
    case $a_out in *'Failed to fetch'* | *'Could not resolve'*) [ "$a_rc" != 0 ] || a_rc=100 ;; esac
    [ "$a_rc" != 0 ] || return 0
    a_try=$((a_try + 1))
    [ "$a_try" -lt "${a_update_cache_retries:-1}" ] || break
    [ "$a_delay" -le "${a_update_cache_retry_max_delay:-12}" ] || a_delay=$a_update_cache_retry_max_delay
    warn "Failed to update cache after $a_try retries, sleeping for $a_delay seconds"
    sleep "$a_delay"
    a_delay=$((a_delay * 2))
  done
  fail "Failed to update apt cache after ${a_update_cache_retries:-1} retries: $a_out"
}

# Reads the state of the named packages into a_known, a line each: NAME|STATUS|VERSION.
apt_look() {
  a_known="
$(dpkg-query -W -f '${Package}|${db:Status-Abbrev}|${Version}\n${Package}:${Architecture}|${db:Status-Abbrev}|${Version}\n' -- "$@" 2>/dev/null)
"
}

# apt_status NAME: a_installed (1 or empty), a_version, a_files (1 where configuration files are left).
apt_status() {
  a_installed='' a_version='' a_files=''
  a_rest=${a_known#*"
$1|"}
  [ "$a_rest" != "$a_known" ] || return 0
  case ${a_rest%%|*} in
    ?i*) a_installed=1 a_files=1 ;;
    ?n*) ;;
    *) a_files=1 ;;
  esac
  a_rest=${a_rest#*|}
  [ -z "$a_installed" ] || a_version=${a_rest%%"
"*}
}

# Splits NAME, NAME=VERSION, NAME>=VERSION: a_name a_relation a_wanted.
apt_split() {
  a_relation='' a_wanted=''
  case $1 in
    *'>='*) a_name=${1%%'>='*} a_relation='>=' a_wanted=${1#*'>='} ;;
    *=*) a_name=${1%%=*} a_relation='=' a_wanted=${1#*=} ;;
    *) a_name=$1 ;;
  esac
}

# a_expanded: the names with patterns replaced by what they match among all known packages.
apt_expand() {
  a_expanded=
  for a_word in "$@"; do
    [ ${#a_word} -le 1000 ] || fail "invalid package name, of ${#a_word} characters"
    case ${a_word%%=*} in
      *[*?[]*)
        a_found=
        for a_one in $(apt-cache pkgnames -- "${a_word%%[*?[]*}"; [ "$a_state" != absent ] || dpkg-query -W -f '${Package}\n'); do
          case $a_one in ${a_word%%=*}) case " $a_found " in *" $a_one "*) ;; *) a_found="$a_found $a_one" ;; esac ;; esac
        done
        if [ -z "$a_found" ] && [ "$a_state" != absent ]; then fail "No package(s) matching '$a_word' available"; fi
        a_expanded="$a_expanded $a_found"
        ;;
      # Names cannot hold anything that the shell would split or expand.
      *[!A-Za-z0-9.+:_~=\>-]* | -*) fail "invalid package name: '$a_word'" ;;
      *) a_expanded="$a_expanded $a_word" ;;
    esac
  done
}

apt_install() {
  a_list=
  a_plain=
  for a_word in $a_expanded; do
    apt_split "$a_word"
    a_plain="$a_plain $a_name"
  done
  [ "$a_state" = build-dep ] || apt_look $a_plain
  a_auto=
  for a_word in $a_expanded; do
    apt_split "$a_word"
    case $a_state in build-dep) a_list="$a_list $a_word" && continue ;; esac
    apt_status "$a_name"
    if [ -z "$a_installed" ] && [ -n "$a_only_upgrade" ]; then continue; fi
    a_good=$a_installed
    case $a_installed$a_relation in
      1=) case $a_version in $a_wanted) ;; *) a_good= ;; esac ;;
      '1>=') dpkg --compare-versions "$a_version" ge "$a_wanted" || a_good= ;;
    esac
    [ -z "$a_good" ] || a_auto="$a_auto $a_name"
    if [ "$a_state" = latest ] && [ -z "$a_relation" ]; then a_good=; fi
    [ -n "$a_good" ] && continue
    if [ "$a_relation" = '>=' ]; then a_list="$a_list $a_name"; else a_list="$a_list $a_word"; fi
  done
  if [ -n "$a_list" ]; then
    set -- install
    [ "$a_state" != build-dep ] || set -- build-dep
    [ "$a_state" != fixed ] || set -- "$@" --fix-broken
    [ -z "$a_only_upgrade" ] || set -- "$@" --only-upgrade
    [ -z "$a_autoremove" ] || set -- "$@" --auto-remove
    [ -z "$a_fail_on_autoremove" ] || set -- "$@" --no-remove
    apt_run "$@" $a_list
    apt_did && change packages
  fi
  [ -z "$a_auto" ] || apt_mark_manual $a_auto
}

# What was pulled in by another package and is now asked for by name must survive autoremove.
apt_mark_manual() {
  if checking || [ ! -r /var/lib/apt/extended_states ]; then return 0; fi
  a_patterns=
  for a_word in "$@"; do a_patterns="$a_patterns -e Package:\\ ${a_word%%:*}"; done
  a_states=$(eval "grep -x -A 2 $a_patterns /var/lib/apt/extended_states")
  a_manual=
  for a_word in "$@"; do
    a_rest=${a_states#*"Package: ${a_word%%:*}
"}
    [ "$a_rest" != "$a_states" ] || continue
    case ${a_rest%%Package:*} in *'Auto-Installed: 1'*) a_manual="$a_manual $a_word" ;; esac
  done
  [ -z "$a_manual" ] || apt-mark manual $a_manual >/dev/null 2>&1
}

apt_remove() {
  a_plain=
  for a_word in $a_expanded; do
    apt_split "$a_word"
    a_plain="$a_plain $a_name"
  done
  apt_look $a_plain
  a_list=
  for a_word in $a_expanded; do
    apt_split "$a_word"
    apt_status "$a_name"
    if [ -n "$a_installed" ] || { [ -n "$a_files" ] && [ -n "$a_purge" ]; }; then a_list="$a_list $a_name"; fi
  done
  [ -n "$a_list" ] || return 0
  set -- remove
  [ -z "$a_purge" ] || set -- "$@" --purge
  [ -z "$a_autoremove" ] || set -- "$@" --auto-remove
  apt_run "$@" $a_list
  change packages
}

# Files of packages, from the host or an address; their dependencies come from the repositories.
apt_deb() {
  a_list=
  IFS=,
  set -- $a_deb
  unset IFS
  for a_file in "$@"; do
    case $a_file in
      http://* | https://*)
        temp_folder
        a_local=$T_TMP/${a_file##*/}
        case $a_local in *.deb) ;; *) a_local=$a_local.deb ;; esac
        if have curl; then
          curl -fsSL -o "$a_local" -- "$a_file" || fail "Failure downloading $a_file"
        elif have wget; then
          wget -q -O "$a_local" -- "$a_file" || fail "Failure downloading $a_file"
        else
          fail 'neither curl nor wget is on this host to fetch the package with'
        fi
        a_file=$a_local
        ;;
      /*) ;;
      *) a_file=$PWD/$a_file ;;
    esac
    a_fields=$(dpkg-deb -f "$a_file" Package Version Architecture 2>&1) || fail "Unable to install package: $a_fields"
    a_field=${a_fields#*Package: }
    a_name=${a_field%%"
"*}
    a_field=${a_fields#*Version: }
    a_wanted=${a_field%%"
"*}
    apt_look "$a_name"
    apt_status "$a_name"
    if [ "$a_version" = "$a_wanted" ] && [ -n "$a_installed" ]; then continue; fi
    if [ -n "$a_installed" ] && [ -z "$a_force$a_allow_downgrade" ] && dpkg --compare-versions "$a_version" gt "$a_wanted"; then
      fail "A later version is already installed"
    fi
    case $a_file in *[!A-Za-z0-9.+:_~/%=@-]*) a_list="$a_list '$(printf '%s' "$a_file" | sed "s/'/'\\\\''/g")'" ;; *) a_list="$a_list $a_file" ;; esac
  done
  [ -n "$a_list" ] || return 0
  set -- install
  [ -z "$a_fail_on_autoremove" ] || set -- "$@" --no-remove
  eval "apt_run \"\$@\" $a_list"
  change packages
}

apt_upgrade() {
  case $1 in
    dist | full) set -- dist-upgrade ;;
    *) set -- upgrade --with-new-pkgs ;;
  esac
  [ -z "$a_autoremove" ] || set -- "$@" --auto-remove
  [ -z "$a_fail_on_autoremove" ] || set -- "$@" --no-remove
  apt_run "$@"
  apt_did && change packages
  reply upgraded 1
}

pm_apt() {
  have apt-get || fail 'apt-get is not on this host'
  # Versions may be patterns for apt; they are never patterns for files.
  set -f
  apt_environment
  eval "set -- $a_names"
  a_all=
  a_given=
  for a_word in "$@"; do
    if [ "$a_word" = '*' ]; then a_all=1; else a_given=1; fi
  done
  if [ -n "$a_clean" ]; then
    checking || a_out=$(apt-get clean) || fail 'apt-get clean failed'
    if [ -z "$a_given$a_all$a_deb" ] && [ "${a_upgrade:-no}" = no ]; then
      change cleaned
      return 0
    fi
  fi
  apt_update
  [ "${a_cache_valid_time:-0}" = 0 ] || a_update_cache=1
  if [ -z "$a_given$a_all$a_deb" ] && [ "${a_upgrade:-no}" = no ] && [ -n "$a_update_cache" ]; then
    [ -z "$a_updated" ] || change cache
    reply only_cache 1
    return 0
  fi
  if [ "${a_upgrade:-no}" != no ]; then
    apt_upgrade "$a_upgrade"
    return
  fi
  if [ -n "$a_deb" ]; then
    [ "$a_state" = present ] || fail 'deb only supports state=present'
    apt_deb
    return
  fi
  if [ "$a_state" = latest ] && [ -n "$a_all" ]; then
    [ -z "$a_given" ] || fail 'unable to install additional packages when upgrading all installed packages'
    apt_upgrade yes
    return
  fi
  if [ -z "$a_given" ]; then
    if [ -n "$a_autoclean" ]; then
      apt_run autoclean
      case $a_out in *'Del '*) change autoclean ;; esac
    fi
    if [ -n "$a_autoremove" ]; then
      set -- autoremove
      [ -z "$a_purge" ] || set -- "$@" --purge
      apt_run "$@"
      case $a_out in *'The following packages will be REMOVED'*) change autoremove ;; esac
    fi
    return 0
  fi
  a_expanded=
  apt_expand "$@"
  case $a_state in
    absent) apt_remove ;;
    *) apt_install ;;
  esac
}
