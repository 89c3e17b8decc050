# The password goes to svn on its stdin, never as an argument.
# shellcheck disable=SC2154,SC2086 # assigned by the request
do_subversion() {
  v_svn=${v_executable:-svn}
  have "$v_svn" || fail "Failed to find required executable \"$v_svn\""
  export LC_ALL=C.UTF-8
  if [ -n "$v_export" ]; then
    [ ! -e "$v_dest" ] || [ -n "$v_force" ] || fail "ERROR: $v_dest exists; use force to export over it"
    change export
    checking || svn_must export ${v_force:+--force} -r "$v_revision" -- "$v_repo" "$v_dest"
    return
  fi
  if [ ! -d "$v_dest/.svn" ]; then
    if [ -e "$v_dest" ] && [ -z "$v_in_place" ] && [ -n "$(ls -A "$v_dest" 2>/dev/null)" ]; then
      fail "ERROR: $v_dest folder already exists, but its not a subversion repository."
    fi
    [ -n "$v_checkout" ] || return 0
    change checkout
    checking && return
    svn_must checkout ${v_in_place:+--force} -r "$v_revision" -- "$v_repo" "$v_dest"
    [ -z "$v_in_place" ] || svn_must revert -R -- "$v_dest"
    reply after "$(svn_info "$v_dest")"
    return
  fi
  v_before=$(svn_info "$v_dest")
  reply before "$v_before"
  v_mods=$(svn_run status --quiet --ignore-externals -- "$v_dest" | grep -v '^X')
  if [ -z "$v_update" ]; then
    reply after "$v_before"
    return
  fi
  if [ -n "$v_mods" ]; then
    [ -n "$v_force" ] || fail 'ERROR: modified files exist in the repository.'
    change local_modifications
    checking || svn_must revert -R -- "$v_dest"
  fi
  v_url=$(svn_run info -- "$v_dest" | sed -n 's/^URL: //p')
  if checking; then
    v_there=$(svn_run info -r "$v_revision" -- "$v_repo" | sed -n 's/^Last Changed Rev: //p')
    v_here=$(svn_run info -- "$v_dest" | sed -n 's/^Last Changed Rev: //p')
    if [ "$v_there" != "$v_here" ] || [ "$v_url" != "$v_repo" ]; then change revision; fi
    return
  fi
  if [ "$v_url" != "$v_repo" ] && [ -n "$v_switch" ]; then
    svn_must switch --ignore-ancestry -r "$v_revision" -- "$v_repo" "$v_dest"
    change switch
    v_out=
  else
    svn_must update -r "$v_revision" -- "$v_dest"
  fi
  printf '%s\n' "$v_out" | grep -q '^[ABDUCGE] ' && change revision
  reply after "$(svn_info "$v_dest")"
}

svn_run() {
  set -- --non-interactive --no-auth-cache "$@"
  [ -z "$v_insecure" ] || set -- --trust-server-cert "$@"
  [ -z "$v_username" ] || set -- --username "$v_username" "$@"
  if [ -n "$v_has_password" ]; then
    printf '%s\n' "$v_password" | "$v_svn" --password-from-stdin "$@"
  else
    "$v_svn" "$@"
  fi
}

svn_must() {
  v_out=$(svn_run "$@" 2>&1) || fail "$v_out" rc "$?"
}

svn_info() {
  svn_run info -- "$1" | sed -n '/^Revision: /p;/^URL: /p'
}
