#: needs files
# shellcheck disable=SC2154 # variables of the request

do_tempfile() {
  folder=${folder:-${TMPDIR:-/tmp}}
  [ -d "$folder" ] || fail "No such directory: $folder"
  tempfile_tries=0
  while [ "$tempfile_tries" -lt 100 ]; do
    tempfile_tries=$((tempfile_tries + 1))
    # the random part comes from mktemp, which can't put a suffix behind it everywhere; mkdir and noclobber refuse what is there
    tempfile_part=$(mktemp -u XXXXXXXX) || fail 'mktemp failed'
    tempfile_path=${folder%/}/$prefix${tempfile_part##*/}$suffix
    if [ "$state" = directory ]; then
      files_mkdir 700 "$tempfile_path" 2>/dev/null || continue
    else
      (umask 077 && set -C && : >"$tempfile_path") 2>/dev/null || continue
    fi
    reply path "$tempfile_path"
    files_info "$tempfile_path"
    return
  done
  fail "could not make a temporary $state in $folder"
}
