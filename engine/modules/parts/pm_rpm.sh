# Packages of the Red Hat and SUSE families: rpm says what is installed, dnf, yum or zypper do the rest.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120 # variables are shared by functions; some are split on purpose

# rpm_missing NAME...: a_list becomes those that are not installed (or, for absent, those that are).
rpm_missing() {
  a_list=
  for a_word in "$@"; do
    case $a_word in
      -* | *[!A-Za-z0-9.+:_~=@/\<\>\ *?-]*) fail "invalid package name: '$a_word'" ;;
    esac
    case $a_word in
      @* | *[*?]* | *'<'* | *'>'* | *://*)
        a_list="$a_list '$a_word'"
        continue
        ;;
      /*.rpm) a_ask=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$a_word" 2>/dev/null) ;;
      *=*) a_ask=${a_word%%=*}-${a_word#*=} ;;
      *) a_ask=$a_word ;;
    esac
    if rpm -q --quiet "$a_ask" >/dev/null 2>&1 || rpm -q --quiet --whatprovides "$a_ask" >/dev/null 2>&1; then
      case $a_state in absent | removed | latest) a_list="$a_list '$a_word'" ;; esac
    else
      case $a_state in absent | removed) ;; *) a_list="$a_list '$a_word'" ;; esac
    fi
  done
}

rpm_run() {
  a_out=$("$@")
  a_rc=$?
  reply stdout "$a_out"
  reply cmd "$*"
}

pm_dnf() {
  sbin_path
  export LC_ALL=C.UTF-8
  a_tool=$a_backend
  if [ -z "$a_tool" ]; then
    for a_word in dnf dnf5 yum microdnf; do have "$a_word" && a_tool=$a_word && break; done
  fi
  [ -n "$a_tool" ] && have "$a_tool" || fail 'neither dnf nor yum is on this host'
  eval "set -- $a_names"
  if [ -n "$a_list_what" ]; then
    if [ "$a_list_what" = repos ]; then rpm_run "$a_tool" -q repolist; else rpm_run "$a_tool" -q list "$a_list_what"; fi
    return
  fi
  a_all=
  [ "$*" = '*' ] && a_all=1
  case $a_state in installed | '') a_state=present ;; removed) a_state=absent ;; esac
  set -f
  if [ -n "$a_update_cache" ]; then
    checking || a_out=$(eval "\"\$a_tool\" -q makecache $a_options" 2>&1) || fail "Failed to update the cache: $a_out"
  fi
  a_list=
  if [ -n "$a_all" ]; then
    a_verb=upgrade
    [ "$a_tool" != yum ] || a_verb=update
  else
    rpm_missing "$@"
    [ -n "$a_list" ] || { [ -n "$a_autoremove" ] && [ $# = 0 ]; } || return 0
    case $a_state in
      absent) a_verb=remove ;;
      latest) if [ -n "$a_update_only" ]; then a_verb=upgrade; else a_verb=install; fi ;;
      *) a_verb=install ;;
    esac
    # `install` leaves an installed package alone in yum and dnf 4; naming it `latest` needs upgrade for those.
    [ -n "$a_list" ] || a_verb=autoremove
  fi
  if checking; then a_yes=--assumeno; else a_yes=-y; fi
  eval "rpm_run \"\$a_tool\" $a_yes $a_options $a_verb $a_list"
  case $a_out in *'Nothing to do'* | *'No packages marked for removal'*) return 0 ;; esac
  # --assumeno ends with 1 where there is something to do.
  if [ "$a_rc" = 0 ] || { checking && [ "$a_rc" = 1 ] && case $a_out in *'Operation aborted'* | *'Exiting on user command'*) ;; *) false ;; esac }; then
    change packages
  else
    reply rc "$a_rc"
  fi
}

pm_yum() { pm_dnf; }

pm_zypper() {
  sbin_path
  export LC_ALL=C.UTF-8
  have zypper || fail 'zypper is not on this host'
  eval "set -- $a_names"
  set -f
  case $a_state in installed | '') a_state=present ;; removed) a_state=absent ;; esac
  if [ -n "$a_update_cache" ] && ! checking; then
    a_out=$(zypper --quiet --non-interactive refresh 2>&1) || fail "Zypper refresh failed: $a_out"
  fi
  a_list=
  case $a_state:$* in
    dist-upgrade:* | *:'*') ;;
    *)
      if [ "${a_type:-package}" = package ]; then rpm_missing "$@"; else for a_word in "$@"; do a_list="$a_list '$a_word'"; done; fi
      [ -n "$a_list" ] || return 0
      ;;
  esac
  case $a_state:$* in
    dist-upgrade:*) a_verb=dist-upgrade ;;
    latest:'*') a_verb=update ;;
    absent:*) a_verb="remove --type ${a_type:-package}" ;;
    *) a_verb="install --type ${a_type:-package} --auto-agree-with-licenses $a_zypper_options" ;;
  esac
  checking && a_verb="$a_verb --dry-run"
  eval "rpm_run zypper --quiet --non-interactive --no-refresh $a_zypper_global $a_verb -- $a_list"
  case $a_out in *'Nothing to do'* | *'No update candidate'*) return 0 ;; esac
  # 102 and 103: done, and a reboot or a restart of zypper is advised.
  case $a_rc in
    0 | 102 | 103) [ -z "$a_out" ] && [ "$a_state" = latest ] || change packages ;;
    *) reply rc "$a_rc" ;;
  esac
}
