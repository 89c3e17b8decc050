#: needs files
# A request over HTTP with curl or wget. What may be secret (headers, user, body) goes through files of this shell's private
# folder, never through arguments.
# shellcheck disable=SC2154 # assigned by the request, or by files.sh
do_uri() {
  if [ -n "$h_creates" ] && [ -e "$h_creates" ]; then reply skipped creates; return; fi
  if [ -n "$h_removes" ] && [ ! -e "$h_removes" ]; then reply skipped removes; return; fi
  temp_folder
  uri_cleanup
  if [ -n "$h_src" ]; then
    [ -r "$h_src" ] || fail "Unable to open source file $h_src"
    h_body_file=$h_src
  elif [ -n "$h_upload" ]; then
    h_body_file=$h_upload
  elif [ -n "$h_has_body" ]; then
    h_body_file=$T_TMP/uri.body
    (umask 077 && printf '%s' "$h_body" >"$h_body_file")
  fi
  h_dest=$dest
  [ -z "$h_dest" ] || uri_destination
  if have curl; then
    uri_curl
  elif have wget; then
    uri_wget
  else
    fail 'neither curl nor wget is on this host'
  fi
  reply tool_rc "$h_rc"
  [ -z "$h_upload" ] || rm -f "$h_upload"
  if [ -n "$h_dest" ] && [ "$h_rc" = 0 ]; then uri_write; fi
  reply headers "$(cat "$T_TMP/uri.head" 2>/dev/null)"
  reply error "$(cat "$T_TMP/uri.err" 2>/dev/null)"
  reply_rest body
  [ ! -e "$T_TMP/uri.out" ] || cat "$T_TMP/uri.out"
  uri_cleanup
}

uri_cleanup() {
  rm -f "$T_TMP/uri.conf" "$T_TMP/uri.body" "$T_TMP/uri.head" "$T_TMP/uri.out" "$T_TMP/uri.err"
}

uri_destination() {
  if [ -d "$h_dest" ]; then
    h_name=${h_url%%\?*}
    h_name=${h_name##*/}
    h_dest=${h_dest%/}/${h_name:-index.html}
    return
  fi
  # As Ansible: a file that is there is asked for only if newer, unless only its folder was named.
  [ ! -f "$h_dest" ] || [ -n "$h_force" ] || {
    h_newer=$h_dest
    reply newer 1
  }
}

uri_curl() {
  (
    umask 077
    printf '%s\n' "$h_curl_config"
    [ -z "$h_body_file" ] || uri_option data-binary "@$h_body_file"
    [ -z "$h_newer" ] || uri_option time-cond "$h_newer"
    [ -z "$h_ca_path" ] || uri_option cacert "$h_ca_path"
    [ -z "$h_client_cert" ] || uri_option cert "$h_client_cert"
    [ -z "$h_client_key" ] || uri_option key "$h_client_key"
    [ -z "$h_unix_socket" ] || uri_option unix-socket "$h_unix_socket"
    uri_option dump-header "$T_TMP/uri.head"
    uri_option output "$T_TMP/uri.out"
  ) | (umask 077 && exec curl -q -K - 2>"$T_TMP/uri.err")
  h_rc=$?
}

# A line of curl's own configuration, quoted as it reads it.
uri_option() {
  h_value=$2
  case $h_value in *[\\\"]*) h_value=$(printf '%s' "$h_value" | sed 's/[\\"]/\\&/g') ;; esac
  printf '%s = "%s"\n' "$1" "$h_value"
}

uri_wget() {
  case $(wget --version 2>/dev/null) in *'GNU Wget'*) h_gnu=1 ;; *) h_gnu= ;; esac
  h_limit=
  set -- -S -O "$T_TMP/uri.out"
  [ -z "$h_insecure" ] || set -- "$@" --no-check-certificate
  if [ -n "$h_gnu" ]; then
    (umask 077 && printf '%s\n' "$h_wget_config" >"$T_TMP/uri.conf")
    set -- "$@" -nv -T "$h_timeout" "--config=$T_TMP/uri.conf" --content-on-error "--method=$h_method" -t 1
    [ -n "$h_follow" ] || set -- "$@" --max-redirect=0
    [ -z "$h_body_file" ] || set -- "$@" "--body-file=$h_body_file"
    [ -z "$h_ca_path" ] || set -- "$@" "--ca-certificate=$h_ca_path"
    [ -z "$h_client_cert" ] || set -- "$@" "--certificate=$h_client_cert"
    [ -z "$h_client_key" ] || set -- "$@" "--private-key=$h_client_key"
  else
    # Debian's static busybox dies of its own -T.
    have timeout && h_limit=$h_timeout
    [ -z "$h_secret" ] || fail "busybox wget takes headers and passwords as arguments, which every user of the host can read; curl or GNU wget is needed here"
    case $h_method in
      GET) ;;
      POST) set -- "$@" --post-file "${h_body_file:-/dev/null}" ;;
      *) fail "busybox wget can't send a $h_method request; curl or GNU wget is needed here" ;;
    esac
    eval "set -- \"\$@\" $h_wget_headers"
  fi
  (umask 077 && exec ${h_limit:+timeout "$h_limit"} wget "$@" -- "$h_url" 2>"$T_TMP/uri.err")
  h_rc=$?
  # -S mixes the headers, indented, into the messages.
  sed -n 's/^  *\(HTTP\/.*\)/\1/p;s/^  *\([A-Za-z][A-Za-z0-9-]*: .*\)/\1/p' "$T_TMP/uri.err" >"$T_TMP/uri.head"
  [ ! -s "$T_TMP/uri.head" ] || h_rc=0
}

# The file is written only for a status that was asked for.
uri_write() {
  h_status=
  while read -r h_word h_code; do case $h_word in HTTP/*) h_status=${h_code%% *} ;; esac; done <"$T_TMP/uri.head"
  reply path "$h_dest"
  case " $h_codes " in *" $h_status "*) ;; *) return ;; esac
  [ "$h_status" != 304 ] || return
  [ -e "$T_TMP/uri.out" ] || : >"$T_TMP/uri.out"
  dest=$h_dest
  [ ! -L "$dest" ] || dest=$(readlink -f -- "$dest")
  files_look "$dest"
  files_new "$dest"
  cat "$T_TMP/uri.out" >&8 || fail "could not write to $h_dest"
  files_replace "$dest"
  files_look "$dest"
  files_attributes "$dest"
  files_tell "$dest"
  reply wrote 1
}
