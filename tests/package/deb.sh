#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deb.sh BUILD: makes the .deb and installs it into an empty root, where kscope has to run: it finds nothing there
# but itself, /proc and /sys, which are mounted in a mount namespace that ends with it. Then purges it.
set -euo pipefail
export LC_ALL=C
build=$1
root=$PWD/root

pack() {
	flock "$build/.lock" cpack --config "$build/CPackConfig.cmake" -G DEB -B out >cpack.log 2>&1 || {
		cat cpack.log
		return 1
	}
}

# What machines configure for all packages (to leave out documentation, for example) is not wanted.
in_root() {
	dpkg --root="$root" --log="$PWD/dpkg.log" --path-include='*' "$@" >dpkg.out 2>&1 || {
		cat dpkg.out
		return 1
	}
}

files() {
	find "$root" -path "$root/var/lib/dpkg" -prune -o -printf '%P\n' | sort
}

run() {
	unshare --mount --propagation private bash -ec '
		mount --rbind /proc "$0/proc"
		mount --rbind /sys "$0/sys"
		exec timeout 10 chroot "$0" /usr/bin/kscope "$@"' "$root" "$@"
}

pack
deb=$(echo out/kscope_*.deb)
for field in Package Version Section Depends; do
	echo "$field: $(dpkg-deb -f "$deb" $field)"
done
[ "$(dpkg-deb -f "$deb" Architecture)" = "$(dpkg --print-architecture)" ] || echo "made for another architecture"

mkdir -p "$root"/{proc,sys,var/lib/dpkg/{info,updates,triggers}}
touch "$root"/var/lib/dpkg/{status,available}
files >before
in_root --install "$deb"
files | comm -13 before - >installed
for file in usr/bin/kscope usr/libexec/kscope/kscope-compile usr/share/man/man8/kscope.8.gz \
	usr/share/doc/kscope/{copyright,changelog.gz,README.md,docs/language.md,examples/faults.bt} \
	usr/share/bash-completion/completions/kscope usr/share/zsh/vendor-completions/_kscope \
	usr/share/fish/vendor_completions.d/kscope.fish; do
	grep -qx "$file" installed || echo "not there: $file"
done
(cd "$root" && md5sum --quiet -c var/lib/dpkg/info/kscope.md5sums)
zcat "$root/usr/share/doc/kscope/changelog.gz" | sed -n '1s/^kscope (\(.*\)).*/changelog: \1/p'
for file in usr/bin/kscope usr/libexec/kscope/kscope-compile; do
	! readelf -SW "$root/$file" | grep -qE '\.(symtab|debug_info)' || echo "$file is not stripped"
	! readelf -lW "$root/$file" | grep -q INTERP || echo "$file is not static"
done
# A package tells nothing about the machine that made it.
if grep -rlF "$(dirname "$build")/" "$root/usr" >named; then
	sed 's/^/names the build directory: /' named
fi

echo "runs: $(run -q -e 'begin { printf("ok\n"); @x = 1; } interval:ms:1 { clear(@x); exit(); }')"
run --emit /image -e 'begin { printf("ok\n"); }'
echo "runs an image: $(run -q /image)"
rm "$root/image"

in_root --purge kscope
files | diff before - && echo "leaves nothing behind"
! grep -F "$root" /proc/self/mountinfo
