#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Downloads by curl, or by wget where there is no curl. What may be secret (addresses, headers, passwords) reaches curl on its
# standard input and wget through a 0600 file, never as an argument.

# download URL OUTPUT [SINCE]: sets d_status (000 where the protocol has none), d_message, d_url (after redirections) and
# leaves the headers in "$T_TMP/headers". SINCE is a file that need not be fetched again if it is not older. False if it failed.
download() {
  temp_folder || fail 'could not make a temporary folder'
  d_since=''
  if [ -n "$3" ]; then
    d_since=$(LC_ALL=C date -u -r "$3" '+%a, %d %b %Y %H:%M:%S GMT') || d_since=''
  fi
  d_status='' d_message='' d_url=$1 d_error=''
  : >"$T_TMP/headers"
  if have curl; then
    download_curl "$1" "$2"
  elif have wget; then
    download_wget "$1" "$2"
  else
    fail "neither curl nor wget is on this host; install one of them (for example: apt-get install curl)" url "$1" dest "$dest"
  fi
}

# A word for curl's configuration. What is long goes through sed: the shell's own cutting takes the square of its length.
download_quoted() {
  d_rest=$1
  d_word=''
  if [ ${#d_rest} -gt 4096 ]; then
    d_word=$(printf '%s\n' "$d_rest" | sed 's/[\\"]/\\&/g')
    d_rest=''
  fi
  while [ -n "$d_rest" ]; do
    case $d_rest in
      [\\\"]*) d_word=$d_word\\${d_rest%"${d_rest#?}"} d_rest=${d_rest#?} ;;
      *[\\\"]*)
        d_part=${d_rest%%[\\\"]*}
        d_word=$d_word$d_part
        d_rest=${d_rest#"$d_part"}
        ;;
      *)
        d_word=$d_word$d_rest
        d_rest=''
        ;;
    esac
  done
  printf '%s = "%s"\n' "$2" "$d_word"
}

download_config() {
  download_quoted "$1" url
  download_quoted "$2" output
  download_quoted "$T_TMP/headers" dump-header
  download_quoted "$http_agent" user-agent
  printf 'silent\nshow-error\nlocation\nfail-early\nconnect-timeout = %s\nspeed-time = %s\nspeed-limit = 1\n' "$timeout" "$timeout"
  [ -z "$head_only" ] || printf 'head\n'
  [ -z "$insecure" ] || printf 'insecure\n'
  [ -n "$use_proxy" ] || printf 'noproxy = "*"\n'
  [ -z "$use_netrc" ] || printf 'netrc-optional\n'
  [ -z "$decompress" ] || printf 'compressed\n'
  [ -z "$client_cert" ] || download_quoted "$client_cert" cert
  [ -z "$client_key" ] || download_quoted "$client_key" key
  [ -z "$ciphers" ] || download_quoted "$ciphers" ciphers
  [ -z "$d_since" ] || download_quoted "If-Modified-Since: $d_since" header
  [ -z "$force" ] || printf 'header = "Cache-Control: no-cache"\n'
  if [ -n "$username" ]; then
    download_quoted "$username:$password" user
    [ -n "$force_basic_auth" ] || printf 'anyauth\n'
  fi
  eval "set -- $headers"
  for d_header do download_quoted "$d_header" header; done
}

download_curl() {
  d_error=$T_TMP/error
  d_out=$(download_config "$1" "$2" | curl -q -K - -w '%{http_code} %{url_effective}' 2>"$d_error")
  d_rc=$?
  d_status=${d_out%% *}
  d_url=${d_out#* }
  d_message=$(cat "$d_error")
  [ "$d_rc" -eq 0 ]
}

download_wget() {
  d_secret=$username$password$headers
  case $1 in *://*@*) d_secret=1 ;; esac
  d_error=$T_TMP/error
  if wget --version >/dev/null 2>&1; then
    (
      umask 077
      printf '%s\n' "$1" >"$T_TMP/url"
      {
        printf 'timeout = %s\ntries = 1\nuser_agent = %s\nserver_response = on\n' "$timeout" "$http_agent"
        [ -z "$insecure" ] || printf 'check_certificate = off\n'
        [ -n "$use_proxy" ] || printf 'use_proxy = off\n'
        [ -z "$client_cert" ] || printf 'certificate = %s\n' "$client_cert"
        [ -z "$client_key" ] || printf 'private_key = %s\n' "$client_key"
        [ -z "$username" ] || printf 'user = %s\npassword = %s\n' "$username" "$password"
        [ -z "$username" ] || [ -z "$force_basic_auth" ] || printf 'auth_no_challenge = on\n'
        [ -z "$d_since" ] || printf 'header = If-Modified-Since: %s\n' "$d_since"
        [ -z "$force" ] || printf 'header = Cache-Control: no-cache\n'
        eval "set -- $headers"
        for d_header do printf 'header = %s\n' "$d_header"; done
      } >"$T_TMP/wgetrc"
    )
    LC_ALL=C wget --config="$T_TMP/wgetrc" ${head_only:+--spider} -O "$2" -i "$T_TMP/url" 2>"$d_error"
    d_rc=$?
    rm -f -- "$T_TMP/wgetrc" "$T_TMP/url"
  else
    [ -z "$d_secret" ] || fail 'this wget (busybox) takes headers and passwords only as arguments, which every user of the host can read; install curl' dest "$dest"
    set -- "$1" "$2" -U "$http_agent" -S
    [ -z "$insecure" ] || set -- "$@" --no-check-certificate
    [ -n "$use_proxy" ] || set -- "$@" -Y off
    [ -z "$d_since" ] || set -- "$@" --header "If-Modified-Since: $d_since"
    [ -z "$head_only" ] || set -- "$@" --spider
    d_from=$1 d_to=$2
    shift 2
    wget -T "$timeout" -O "$d_to" "$@" -- "$d_from" 2>"$d_error"
    d_rc=$?
    if [ "$d_rc" -eq 139 ]; then
      # Debian's busybox 1.35 crashes on -T
      wget -O "$d_to" "$@" -- "$d_from" 2>"$d_error"
      d_rc=$?
    fi
  fi
  # the last status line and the headers after it
  while IFS= read -r d_line; do
    d_line=${d_line#"${d_line%%[! ]*}"}
    d_line=${d_line%"$(printf '\r')"}
    case $d_line in
      HTTP/*)
        d_status=${d_line#* }
        d_status=${d_status%% *}
        : >"$T_TMP/headers"
        ;;
      *"server returned error: HTTP/"*)
        d_status=${d_line##*HTTP/}
        d_status=${d_status#* }
        d_status=${d_status%% *}
        ;;
      [Ll]ocation:' '*)
        d_url=${d_line#*: }
        d_url=${d_url%' [following]'}
        ;;
      [A-Za-z]*': '*) printf '%s\n' "$d_line" >>"$T_TMP/headers" ;;
    esac
  done <"$d_error"
  d_message=$(tail -n 2 "$d_error")
  [ "$d_rc" -eq 0 ] || { [ "$d_rc" -eq 8 ] && [ -n "$d_status" ]; } || [ "$d_status" = 304 ]
}

# download_header NAME: d_value becomes the value of a header, of the last answer.
download_header() {
  d_value=''
  while IFS= read -r d_line; do
    d_line=${d_line%"$(printf '\r')"}
    case $d_line in HTTP/*) d_value='' ;; esac
    d_name=${d_line%%:*}
    case $d_name in
      [Cc]ontent-[Ll]ength) [ "$1" != content-length ] || d_value=${d_line#*: } ;;
      [Cc]ontent-[Dd]isposition) [ "$1" != content-disposition ] || d_value=${d_line#*: } ;;
    esac
  done <"$T_TMP/headers"
}

# download_failed URL: ends the task with what went wrong.
download_failed() {
  case $d_status in
    '' | 000 | 0) fail "Request failed: ${d_message:-no answer}" url "$1" dest "$dest" ;;
    2??) fail "Request failed: ${d_message:-no answer}" url "$1" dest "$dest" status_code "$d_status" ;;
    *) fail 'Request failed' url "$1" dest "$dest" status_code "$d_status" response "HTTP Error $d_status" ;;
  esac
}
