#: needs files download
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

do_get_url() {
  f_temp=''
  get_folder=''
  if [ -d "$dest" ]; then
    get_folder=${dest%/}
    # its final name may come with the answer
    dest=$get_folder/$filename
  fi
  reply dest "$dest"
  case $dest in */*) ;; *) dest=./$dest ;; esac
  if [ -n "$sum_url" ]; then
    temp_folder || fail 'could not make a temporary folder'
    download "$sum_url" "$T_TMP/sums" || download_failed "$sum_url"
    case $d_status in 200 | 000) ;; *) download_failed "$sum_url" ;; esac
    get_find_sum
  fi
  files_look "$dest"
  get_mismatch=''
  if [ -z "$get_folder" ] && [ -e "$dest" ] && [ -z "$force" ] && [ -n "$sum" ]; then
    files_sum "$algorithm" "$dest"
    if [ "$f_sum" = "$sum" ]; then
      reply there 1
      files_real_look
      files_attributes "$dest"
      files_info "$dest"
      return
    fi
    get_mismatch=1
  fi
  get_since=''
  if [ -z "$get_folder" ] && [ -e "$dest" ] && [ -z "$force$get_mismatch" ]; then get_since=$dest; fi
  if checking; then
    head_only=1
    temp_folder
    get_file=$T_TMP/nothing
  elif [ -n "$tmp_dest" ]; then
    [ -d "$tmp_dest" ] || fail "$tmp_dest directory does not exist."
    files_new "$tmp_dest/x"
    get_file=$f_by
  else
    files_parent "$dest"
    [ -d "$f_dir" ] || fail "Destination $f_dir does not exist" url "$url" dest "$dest"
    files_new "$dest"
    get_file=$f_by
  fi
  download "$url" "$get_file" "$get_since" || download_failed "$url"
  reply status "$d_status"
  download_header content-length
  reply length "$d_value"
  case $d_status in
    304)
      files_info "$dest"
      return
      ;;
    200) ;;
    000) case $url in file:/* | ftp:/* | ftps:/*) ;; *) download_failed "$url" ;; esac ;;
    *) download_failed "$url" ;;
  esac
  [ -z "$get_folder" ] || get_name
  if checking; then
    change content
    [ ! -f "$dest" ] || {
      files_sha1 "$dest"
      reply checksum_dest "$f_sum"
    }
    files_info "$dest"
    return
  fi
  get_place
}

# The name in a folder: what the server says, else what the last address says.
get_name() {
  download_header content-disposition
  get_found=''
  case $d_value in
    *filename=*)
      get_found=${d_value#*filename=}
      get_found=${get_found%%;*}
      get_found=${get_found#\"}
      get_found=${get_found%\"}
      get_found=${get_found##*/}
      ;;
  esac
  if [ -z "$get_found" ]; then
    get_found=${d_url%%[?#]*}
    get_found=${get_found#*://*/}
    get_found=${get_found##*/}
  fi
  case $get_found in '' | . | ..) get_found=index.html ;; esac
  [ -n "$get_found" ] || get_found=$filename
  dest=$get_folder/$get_found
  reply dest "$dest"
}

get_place() {
  files_sha1 "$get_file"
  get_sum=$f_sum
  reply checksum_src "$get_sum"
  files_sum md5 "$get_file"
  reply md5sum "$f_sum"
  if [ -n "$sum" ]; then
    files_sum "$algorithm" "$get_file"
    [ "$f_sum" = "$sum" ] ||
      fail "The checksum for $get_file did not match $sum; it was $f_sum." url "$url" dest "$dest" checksum_src "$get_sum"
  fi
  files_look "$dest"
  f_sum=''
  if [ "$f_type" != absent ] && [ -f "$dest" ]; then
    [ -r "$dest" ] || fail "Destination $dest is not readable"
    files_sha1 "$dest"
    reply checksum_dest "$f_sum"
  fi
  if [ "$f_sum" = "$get_sum" ]; then
    rm -f -- "$f_temp"
    f_temp=''
    files_attributes "$dest"
  else
    change content
    [ -z "$backup" ] || [ ! -e "$dest" ] || files_backup "$dest"
    [ "$f_type" != link ] || f_type=absent
    if [ -n "$tmp_dest" ]; then
      command exec 5<"$f_by"
      rm -f -- "$f_temp"
      files_new "$dest"
      cat <&5 >&8 || fail "could not write beside $dest"
    fi
    files_parent "$dest"
    files_replace "$dest"
  fi
  files_info "$dest"
}

files_real_look() {
  [ "$f_type" != link ] || dest=$(files_real "$dest")
  files_look "$dest"
}

# The checksum of $filename in the list that was fetched: GNU's lines, BSD's lines, or a single word.
get_find_sum() {
  get_lines=0
  get_first=''
  sum=''
  while IFS= read -r get_line || [ -n "$get_line" ]; do
    get_line=${get_line%"$(printf '\r')"}
    get_lines=$((get_lines + 1))
    [ "$get_lines" != 1 ] || get_first=$get_line
    case $get_line in
      *' ('*') = '* | *'('*')= '*)
        get_path=${get_line#*\(}
        get_path=${get_path%)*}
        get_value=${get_line##* }
        ;;
      *[!A-Za-z0-9._]*)
        get_value=${get_line%%[!A-Za-z0-9._]*}
        get_path=${get_line#"$get_value"}
        get_path=${get_path#"${get_path%%[! 	]*}"}
        get_path=${get_path#\*}
        while :; do
          case $get_path in ./*) get_path=${get_path#./} ;; [./]*) get_path=${get_path#?} ;; *) break ;; esac
        done
        ;;
      *) continue ;;
    esac
    if [ "$get_path" = "$filename" ] && [ -z "$sum" ]; then sum=$get_value; fi
  done <"$T_TMP/sums"
  case $get_first in
    *[!A-Za-z0-9]* | '') ;;
    *) [ "$get_lines" != 1 ] || sum=$get_first ;;
  esac
  rm -f -- "$T_TMP/sums"
  [ -n "$sum" ] || fail "Unable to find a checksum for file '$filename' in '$sum_url'"
  sum=$(printf %s "$sum" | tr A-F a-f)
  case $sum in *[!0-9a-f]*) fail 'The checksum format is invalid' ;; esac
}
