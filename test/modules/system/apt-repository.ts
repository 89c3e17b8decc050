/** A small repository of packages on a lab host, which has no way out to Debian's. */
import type { TestHost } from './host.ts';

/** Builds packages `NAME VERSION [control lines]` into file:/srv/repo and makes it the only source. */
export async function makeRepository(host: TestHost, packages: [name: string, version: string, more?: string][]) {
  const build = packages.map(
    ([name, version, more = '']) => `b=$(mktemp -d); mkdir -p "$b/DEBIAN" "$b/usr/share/${name}" "$b/etc"
echo ${version} >"$b/usr/share/${name}/version"; echo c >"$b/etc/${name}.conf"; echo /etc/${name}.conf >"$b/DEBIAN/conffiles"
printf 'Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: t <t@example.org>\\nDescription: t\\n${more}' >"$b/DEBIAN/control"
chmod -R go+rX "$b"
dpkg-deb --root-owner-group -b "$b" /srv/repo/${name}_${version}_all.deb >/dev/null
{ cat "$b/DEBIAN/control"; f=/srv/repo/${name}_${version}_all.deb
printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "\${f##*/}" "$(stat -c %s "$f")" "$(sha256sum "$f" | cut -d' ' -f1)"; } >>/srv/repo/Packages
rm -r "$b"`,
  );
  await host.sh(`set -e; rm -rf /srv/repo; mkdir -p /srv/repo; : >/srv/repo/Packages
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
${build.join('\n')}
apt-get -q update >/dev/null`);
}
