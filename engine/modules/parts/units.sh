# A systemd unit: one `systemctl show` tells everything; what must change is changed in the same request.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120 # variables are shared by functions; some are split on purpose
# u_name u_state u_enabled u_masked (1, 0 or empty), u_reload u_reexec u_scope u_no_block u_force

# The properties that decide, in one pass: `${u_show#*...}` would cost a shell's matching the square of the text's length.
unit_properties() {
  u_load=; u_file=; u_active=; u_load_error=
  u_ifs=$IFS
  IFS='
'
  set -f
  for u_line in $u_show; do
    case $u_line in
      LoadState=*) u_load=${u_line#*=} ;;
      UnitFileState=*) u_file=${u_line#*=} ;;
      ActiveState=*) u_active=${u_line#*=} ;;
      LoadError=*) u_load_error=${u_line#*=} ;;
    esac
  done
  set +f
  IFS=$u_ifs
}

unit_control() {
  systemctl ${u_scope_option:+"$u_scope_option"} ${u_no_block:+--no-block} ${u_force:+--force} "$@" 2>&1
}

unit_offline() {
  [ "$SYSTEMD_OFFLINE" = 1 ] || [ ! -d /run/systemd/system ]
}

unit_missing() {
  fail "Could not find the requested service $u_name: host"
}

systemd_unit() {
  have systemctl || fail 'Failed to find required executable "systemctl" in paths: '"$PATH"
  case $u_scope in user | global) u_scope_option=--$u_scope ;; *) u_scope_option= ;; esac
  if [ "$u_scope" = user ] && [ -z "$XDG_RUNTIME_DIR" ]; then
    XDG_RUNTIME_DIR=/run/user/$(id -u)
    export XDG_RUNTIME_DIR
  fi
  for u_verb in ${u_reload:+daemon-reload} ${u_reexec:+daemon-reexec}; do
    checking && break
    u_out=$(unit_control "$u_verb") || {
      u_rc=$?
      unit_offline || fail "failure $u_rc during $u_verb: $u_out"
      warn "$u_verb failed, but target is a chroot or systemd is offline. Continuing. Error was: $u_rc / $u_out"
    }
  done
  [ -n "$u_name" ] || return 0
  unit_look
  [ -z "$u_masked" ] || unit_mask
  [ -z "$u_enabled" ] || unit_enable
  [ -z "$u_state" ] || unit_state
}

unit_look() {
  u_show=
  u_found=
  if [ "$u_scope" != global ]; then
    u_show="
$(unit_control show -- "$u_name")
" || u_show=
  fi
  case $u_show in *"
LoadState="*) ;; *) u_show= ;; esac
  unit_properties
  if [ -n "$u_show" ]; then
    [ "$u_load" = not-found ] || u_found=1
    if [ -n "$u_found" ] && [ "$u_load" != masked ] && [ -n "$u_load_error" ]; then
      fail "Error loading unit file '$u_name': $u_load_error"
    fi
  else
    # A chroot, an offline systemd or --global: only files can be asked about.
    u_file=$(unit_control is-enabled -- "$u_name") && u_found=1
    case $u_file in disabled | masked | linked | static | indirect | generated) u_found=1 ;; esac
  fi
  if [ -e "/etc/init.d/$u_name" ] && [ -z "$u_found" ]; then
    warn "The service ($u_name) is actually an init script but the system is managed by systemd"
    u_found=1
  fi
  # systemd keeps no file state of a unit made from an init script.
  if [ "$u_file" = generated ]; then u_file=$(unit_control is-enabled -- "$u_name" | tail -n 1); fi
  reply status "$u_show"
}

unit_mask() {
  u_now=0
  [ "$u_file" = masked ] && u_now=1
  [ "$u_load" = masked ] && [ "$u_file" != masked-runtime ] && u_now=1
  [ "$u_now" != "$u_masked" ] || return 0
  change masked
  checking && return
  u_verb=unmask
  [ "$u_masked" = 1 ] && u_verb=mask
  u_out=$(unit_control "$u_verb" -- "$u_name") || {
    [ -n "$u_found" ] || unit_missing
    fail "Failed to $u_verb the service ($u_name): $u_out"
  }
}

unit_enable() {
  [ -n "$u_found" ] || unit_missing
  case $u_file in
    enabled | static | generated | transient) u_now=1 ;;
    # enabled where the unit itself has links, which are told below the word
    indirect | alias) if [ "$(unit_control is-enabled -l -- "$u_name" | wc -l)" -gt 1 ]; then u_now=1; else u_now=0; fi ;;
    *) u_now=0 ;;
  esac
  reply enabled "$u_enabled"
  [ "$u_now" != "$u_enabled" ] || return 0
  change enabled
  checking && return
  u_verb=disable
  [ "$u_enabled" = 1 ] && u_verb=enable
  u_out=$(unit_control "$u_verb" -- "$u_name") || fail "Unable to $u_verb service $u_name: $u_out"
}

unit_state() {
  [ -n "$u_found" ] || unit_missing
  if [ -z "$u_active" ]; then
    unit_offline || fail 'Service is in unknown state'
    warn 'Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system tools from working.'
    return 0
  fi
  u_running=
  case $u_active in active | activating) u_running=1 ;; esac
  u_verb=
  case $u_state in
    started) [ -n "$u_running" ] || u_verb=start ;;
    stopped) if [ -n "$u_running" ] || [ "$u_active" = deactivating ]; then u_verb=stop; fi ;;
    restarted) u_verb=${u_running:+re}start ;;
    reloaded) if [ -n "$u_running" ]; then u_verb=reload; else u_verb=start; fi ;;
  esac
  [ -n "$u_verb" ] || return 0
  change state
  checking && return
  u_out=$(unit_control "$u_verb" -- "$u_name") || fail "Unable to $u_verb service $u_name: $u_out"
}
