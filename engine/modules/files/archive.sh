#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086,SC2209,SC2254 # variables of the request

# Packs $p0, $p1 ... without $x0 ... into $dest.
do_archive() {
  f_temp=''
  temp_folder && arc_temp=$(umask 077 && mktemp -d "$T_TMP/archive.XXXXXX") || fail 'could not make a temporary folder'
  trap 'files_cleanup; rm -rf -- "$arc_temp"' EXIT
  trap 'exit 143' HUP INT TERM PIPE
  arc_globs=''
  archive_expand p "$count" >"$arc_temp/expanded"
  archive_expand x "$excluded" >"$arc_temp/excluded"
  arc_number=0
  while [ "$arc_number" -lt "$count" ]; do
    eval "case \$p$arc_number in *[*?]*) arc_globs=1 ;; esac"
    arc_number=$((arc_number + 1))
  done
  # sorted, each once, without the excluded ones
  LC_ALL=C sort -u "$arc_temp/expanded" >"$arc_temp/sorted"
  if [ -s "$arc_temp/excluded" ]; then
    grep -vxF -f "$arc_temp/excluded" "$arc_temp/sorted" >"$arc_temp/paths"
  else
    cat "$arc_temp/sorted" >"$arc_temp/paths"
  fi
  while IFS= read -r arc_path; do reply expanded "$arc_path"; done <"$arc_temp/expanded"
  while IFS= read -r arc_path; do reply excluded "$arc_path"; done <"$arc_temp/excluded"
  [ -s "$arc_temp/paths" ] || fail 'Error, no source paths were found'
  set --
  while IFS= read -r arc_path; do set -- "$@" "$arc_path"; done <"$arc_temp/paths"
  archive_root "$@"
  reply arcroot "$arc_root"
  arc_many=''
  if [ -n "$force_archive$arc_globs" ] || [ $# -gt 1 ] || [ -d "$1" ]; then arc_many=1; fi
  if [ -z "$dest" ]; then
    [ -z "$arc_many" ] || fail 'Error, must specify "dest" when archiving multiple files or trees'
    dest=$1.$format
  fi
  reply dest "$dest"
  case $dest in */*) ;; *) dest=./$dest ;; esac
  if [ -n "$remove" ]; then
    for arc_path do
      case $dest in "${arc_path%/}"/*) [ ! -d "$arc_path" ] || fail 'Error, created archive can not be contained in source paths when remove=true' ;; esac
    done
  fi
  archive_targets "$@"
}

# archive_expand PREFIX COUNT: prints the paths of variables PREFIX0 ..., patterns expanded.
archive_expand() {
  arc_number=0
  while [ "$arc_number" -lt "$2" ]; do
    eval "arc_path=\$$1$arc_number"
    arc_number=$((arc_number + 1))
    case $arc_path in
      *[*?]*)
        IFS=''
        for arc_found in $arc_path; do
          [ ! -e "$arc_found" ] && [ ! -L "$arc_found" ] || printf '%s\n' "$arc_found"
        done
        unset IFS
        ;;
      *) printf '%s\n' "$arc_path" ;;
    esac
  done
}

# archive_root PATH...: arc_root becomes the folder that all are in.
archive_root() {
  arc_root=${1%/*}/
  case $1 in */*) ;; *) arc_root='' ;; esac
  for arc_path do
    while :; do
      case $arc_path in "$arc_root"*) break ;; esac
      arc_root=${arc_root%/}
      case $arc_root in */*) arc_root=${arc_root%/*}/ ;; *) arc_root='' ;; esac
    done
  done
}

archive_targets() {
  arc_there=''
  arc_missing=''
  for arc_path do
    if [ -e "$arc_path" ] || [ -L "$arc_path" ]; then arc_there=1; else
      reply missing "$arc_path"
      arc_missing=1
    fi
  done
  files_look "$dest"
  if [ -z "$arc_there" ]; then
    arc_state=absent
    if [ -e "$dest" ]; then
      case $dest in
        *.tar | *.tar.gz | *.tar.bz2 | *.tar.xz | *.tgz | *.tbz2 | *.zip) arc_state=archive ;;
        *) arc_state=compress ;;
      esac
      files_attributes "$dest"
    fi
    reply state "$arc_state"
    files_info "$dest"
    return
  fi
  arc_state=archive
  if [ -n "$arc_many" ] || [ "$format" = zip ] || [ "$format" = tar ]; then
    archive_list "$@"
    [ -z "$arc_missing" ] || arc_state=incomplete
  else
    arc_state=compress
    reply archived "$1"
  fi
  reply state "$arc_state"
  archive_make "$1"
  if [ -n "$remove" ] && ! checking; then
    for arc_path do
      case $arc_path in -*) arc_path=./$arc_path ;; esac
      rm -rf -- "$arc_path" || fail 'Error deleting some source files: '
    done
    change removed
  fi
  files_info "$dest"
}

# The names below $arc_root that go into the archive, one a line.
archive_list() {
  : >"$arc_temp/names"
  for arc_path do
    case $arc_path in -*) arc_path=./$arc_path ;; esac
    if [ -d "$arc_path" ] && [ ! -L "$arc_path" ]; then
      find "${arc_path%/}/" -mindepth 1
    elif [ -e "$arc_path" ] || [ -L "$arc_path" ]; then
      printf '%s\n' "$arc_path"
    fi
  done >"$arc_temp/found"
  while IFS= read -r arc_path; do
    arc_name=${arc_path#"$arc_root"}
    arc_name=${arc_name#/}
    arc_skip=''
    eval "set -- $patterns"
    if [ "$format" = zip ]; then arc_judged=$arc_path; else arc_judged=$arc_name; fi
    for arc_pattern do
      case $arc_judged in $arc_pattern) arc_skip=1 ;; esac
    done
    [ -z "$arc_skip" ] || continue
    reply archived "$arc_path"
    printf '%s\n' "$arc_name" >>"$arc_temp/names"
  done <"$arc_temp/found"
}

# archive_make PATH: builds the archive beside its place, and puts it there if it holds anything else than the old one.
archive_make() {
  files_parent "$dest"
  arc_new=$arc_temp/new
  if [ "$arc_state" = compress ]; then
    cat <"$1" >"$arc_temp/plain" || exit 1
  elif [ "$format" = zip ]; then
    have zip || fail 'zip is not on this host; install it to make zip archives'
    (cd -- "${arc_root:-.}" && zip -q -X -y -n '' "$arc_temp/made.zip" -@ <"$arc_temp/names") >&2 || fail "Error when writing zip archive at $dest"
    mv -- "$arc_temp/made.zip" "$arc_new"
  else
    have tar || fail 'tar is not on this host; install it'
    case $(tar --version 2>/dev/null) in
      *GNU*) (cd -- "${arc_root:-.}" && tar -cf "$arc_temp/plain" --no-recursion --verbatim-files-from -T "$arc_temp/names") ;;
      *)
        # busybox takes names as arguments only
        set --
        while IFS= read -r arc_name; do set -- "$@" "$arc_name"; done <"$arc_temp/names"
        (cd -- "${arc_root:-.}" && tar -cf "$arc_temp/plain" --no-recursion -- "$@")
        ;;
    esac || fail "Error when writing tar archive at $dest"
  fi
  archive_differs || {
    files_attributes "$dest"
    return
  }
  change content
  ! checking || return 0
  [ "$f_type" != link ] || f_type=absent
  files_new "$dest"
  if [ -f "$arc_new" ]; then cat <"$arc_new"; else archive_pack <"$arc_temp/plain"; fi >&8 || fail "Unable to write to compressed file: $dest"
  files_replace "$dest"
}

archive_pack() {
  case $format in
    gz) gzip -nc ;;
    bz2) bzip2 -c ;;
    xz) xz -c ;;
    *) cat ;;
  esac
}

archive_unpack() {
  case $format in
    gz) gzip -dc ;;
    bz2) bzip2 -dc ;;
    xz) xz -dc ;;
    *) cat ;;
  esac
}

# Whether the old archive, if there is one, holds something else: the same bytes before compression; of a zip its members.
archive_differs() {
  [ -f "$dest" ] || return 0
  if [ "$format" = zip ]; then
    [ "$(unzip -v "$dest" 2>/dev/null | sed 1d)" != "$(unzip -v "$arc_new" 2>/dev/null | sed 1d)" ]
  else
    ! archive_unpack <"$dest" 2>/dev/null | cmp -s - "$arc_temp/plain"
  fi
}
