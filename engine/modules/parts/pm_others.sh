# Packages of Alpine and Arch.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015 # variables are shared by functions; some are split on purpose

others_names() {
  for a_word in "$@"; do
    case $a_word in -* | *[!A-Za-z0-9.+:_~=@/\<\>-]*) fail "invalid package name: '$a_word'" ;; esac
  done
}

others_run() {
  a_out=$("$@" 2>&1)
  a_rc=$?
  reply stdout "$a_out"
  reply cmd "$*"
  [ "$a_rc" = 0 ] || { reply rc "$a_rc"; exit 0; }
}

pm_apk() {
  sbin_path
  have apk || fail 'apk is not on this host'
  eval "set -- $a_names"
  others_names "$@"
  case $a_state in installed | '') a_state=present ;; removed) a_state=absent ;; esac
  a_options=
  [ -z "$a_no_cache" ] || a_options=--no-cache
  eval "for a_word in $a_repository; do a_options=\"\$a_options --repository \$a_word\"; done"
  if [ -n "$a_update_cache" ] && ! checking; then
    others_run apk update $a_options
    [ -n "$*$a_upgrade" ] || { change cache; return 0; }
  fi
  ! checking || a_options="$a_options --simulate"
  if [ -n "$a_upgrade" ]; then
    others_run apk upgrade $a_options ${a_available:+--available}
  else
    # `apk info -e` names those of the packages that are installed.
    a_there=" $(apk info -e "$@" 2>/dev/null | tr '\n' ' ') "
    a_list=
    for a_word in "$@"; do
      case $a_there in *" ${a_word%%[=<>@~]*} "* | *" $a_word "*) a_is=1 ;; *) a_is= ;; esac
      case $a_state:$a_is in present: | absent:1 | latest:*) a_list="$a_list $a_word" ;; esac
    done
    [ -n "$a_list" ] || return 0
    case $a_state in
      absent) others_run apk del --purge $a_options $a_list ;;
      latest) others_run apk add --upgrade $a_options $a_list ;;
      *) others_run apk add $a_options $a_list ;;
    esac
  fi
  case $a_out in *Installing* | *Upgrading* | *Downgrading* | *Purging* | *Replacing* | *Reinstalling*) change packages ;; esac
}

pm_pacman() {
  sbin_path
  a_tool=${a_executable:-pacman}
  have "$a_tool" || fail "$a_tool is not on this host"
  eval "set -- $a_names"
  others_names "$@"
  case $a_state in installed | '') a_state=present ;; removed) a_state=absent ;; esac
  if [ -n "$a_update_cache" ]; then
    checking || others_run "$a_tool" --sync --refresh $a_update_cache_extra_args
    change cache
  fi
  if [ -n "$a_upgrade" ]; then
    [ -n "$("$a_tool" --query --upgrades 2>/dev/null)" ] || return 0
    checking || others_run "$a_tool" --sync --sysupgrade --noconfirm $a_upgrade_extra_args
    change packages
    return 0
  fi
  [ $# -gt 0 ] || return 0
  a_there=" $("$a_tool" --query --quiet 2>/dev/null | tr '\n' ' ') "
  a_list=
  for a_word in "$@"; do
    case $a_there in *" $a_word "*) a_is=1 ;; *) a_is= ;; esac
    if [ -z "$a_is" ]; then
      # A group or a name that another package provides.
      "$a_tool" --query --groups "$a_word" >/dev/null 2>&1 && a_is=1
      [ -n "$a_is" ] || { "$a_tool" --deptest "$a_word" >/dev/null 2>&1 && a_is=1; }
    fi
    case $a_state:$a_is in present: | absent:1 | latest:*) a_list="$a_list $a_word" ;; esac
  done
  [ -n "$a_list" ] || return 0
  if [ "$a_state" = absent ]; then
    change packages
    a_how=
    [ -z "$a_force" ] || a_how='--nodeps --nodeps'
    [ -z "$a_remove_nosave" ] || a_how="$a_how --nosave"
    checking || others_run "$a_tool" --remove --noconfirm --noprogressbar $a_how $a_extra_args $a_list
    return 0
  fi
  # What --needed leaves to do decides, for a state of `latest` too.
  a_out=$("$a_tool" --sync --needed --print-format '%n' $a_list 2>&1) || { reply stdout "$a_out"; reply cmd "$a_tool --sync $a_list"; reply rc 1; return 0; }
  case $a_out in '' | *'there is nothing to do'*) return 0 ;; esac
  change packages
  checking || others_run "$a_tool" --sync --noconfirm --noprogressbar --needed $a_extra_args $a_list
}
