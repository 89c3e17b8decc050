# Mounts as they are and as /etc/fstab wants them, with the sizes of those that answer in time.
# shellcheck disable=SC2154 # assigned by the request
do_mount_facts() {
  eval "set -- $m_sources"
  for m_source in "$@"; do
    case $m_source in
      mount)
        have mount || continue
        reply source mount
        reply text "$(mount)"
        ;;
      *)
        [ -r "$m_source" ] || continue
        reply source "$m_source"
        reply text "$(cat "$m_source")"
        ;;
    esac
    [ -z "$m_first" ] || break
  done
  set --
  while read -r _ m_point m_type _; do
    case $m_point in *\\*) m_point=$(printf '%b' "$m_point") ;; esac
    case $m_type in
      nfs* | cifs | smb* | fuse* | ceph* | gluster* | 9p)
        # One that does not answer costs its own turn only.
        reply statfs "$(timeout "$m_timeout" stat -f -c '%S|%b|%a|%c|%d|%n' -- "$m_point" 2>/dev/null)" || reply late "$m_point"
        ;;
      *) set -- "$@" "$m_point" ;;
    esac
  done </proc/mounts
  reply statfs "$(stat -f -c '%S|%b|%a|%c|%d|%n' -- "$@" 2>/dev/null)"
  reply uuids "$(ls -l /dev/disk/by-uuid 2>/dev/null)"
}
