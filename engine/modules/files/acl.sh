#: needs files
# shellcheck disable=SC2154,SC2034,SC2086,SC2015 # variables of the request

do_acl() {
  [ -e "$path" ] || fail 'Path not found or not accessible.'
  have getfacl && have setfacl || fail 'getfacl and setfacl are not on this host; install the package acl'
  case $path in -*) path=./$path ;; esac
  acl_hold
  acl_options="${recursive:+--recursive} $mask $physical"
  if [ -n "$action" ]; then
    # --test prints the path and *,* where nothing would change
    acl_test=$(setfacl ${default:+-d} --test $action "$entry" $acl_options -- "$path") || exit 1
    case $acl_test in
      *'*,*') ;;
      *)
        change acl
        checking || setfacl ${default:+-d} $action "$entry" $acl_options -- "$path" || exit 1
        ;;
    esac
  fi
  reply_rest acl
  getfacl --absolute-names --omit-header ${default:+-d} ${recursive:+--recursive} $physical -- "$path"
}

# A list gives a file away too: not through a link of another user's, and not to what is put in its place meanwhile.
acl_hold() {
  files_look "$path"
  if [ "$f_type" = link ] && [ -z "$physical" ]; then
    acl_given=$path
    path=$(files_real "$path")
    files_led "$acl_given" "$path"
  fi
  files_hold "$path"
  [ -z "$f_held" ] || path=$f_held/
  case $f_type in directory) ;; *) path=${path%/} ;; esac
}
