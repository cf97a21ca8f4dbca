# Sourced by run.sh and test.sh: finds what modelbook needs on this machine
# (a Go toolchain, a C compiler, binutils) and installs what is missing where
# it may. Where it may not, it prints the exact command and stops.

GO_VERSION=1.26.8 # what is fetched when the machine's own Go is older than go.mod asks

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf '\033[31merror:\033[0m %s\n' "$*" >&2; exit 1; }

# is_root_debian reports whether apt can be used without asking anybody.
is_root_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE...: installs Debian or Ubuntu packages, or names the command.
apt_install() {
	is_root_debian || {
		if command -v apt-get >/dev/null; then
			die "missing: $*. Run:  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
		fi
		die "missing: $* (Debian's names). Install them with this system's package manager, then run this again."
	}
	say "installing $*"
	local log; log=$(mktemp)
	{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1 ||
		{ tail -n 20 "$log" >&2; die "apt-get could not install: $*"; }
	rm -f "$log"
}

# go_is_new reports whether the Go command builds this module: it is new
# enough, or it knows how to fetch a newer toolchain for itself.
go_is_new() {
	local v
	v=$("$1" env GOVERSION 2>/dev/null) || return 1 # in the module's folder: the toolchain switch shows here
	v=${v#go}
	case $v in
	1.2[6-9]* | 1.[3-9][0-9]* | [2-9]*) return 0 ;;
	esac
	return 1
}

# need_go puts a Go toolchain >= 1.26 first in PATH.
need_go() {
	local own=${XDG_DATA_HOME:-$HOME/.local/share}/modelbook/go
	if [ -x "$own/bin/go" ] && ! go_is_new go; then PATH=$own/bin:$PATH; fi
	[ -x /usr/local/go/bin/go ] && ! command -v go >/dev/null && PATH=$PATH:/usr/local/go/bin
	if command -v go >/dev/null && go_is_new go; then return; fi
	command -v go >/dev/null || apt_install golang-go
	if go_is_new go; then return; fi
	# Any Go can download a newer one: a toolchain is a module like others,
	# checked against the same checksum database.
	local arch mod dir tmp
	arch=$(go env GOARCH)
	mod=golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$arch
	say "fetching Go $GO_VERSION (this machine has $(go version | cut -d' ' -f3))"
	tmp=$(mktemp -d)
	(cd "$tmp" && printf 'module fetch\n' >go.mod && GOTOOLCHAIN=local GOFLAGS=-mod=mod go mod download "$mod") ||
		die "could not fetch Go $GO_VERSION. Install Go 1.26 or newer by hand (https://go.dev/doc/install), then run this again."
	rm -rf "$tmp"
	dir=$(cd / && go env GOMODCACHE)/golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$arch
	mkdir -p "$(dirname "$own")" && rm -rf "$own" && cp -r "$dir" "$own" && chmod -R u+w "$own"
	chmod -R u+x "$own/bin" "$own/pkg/tool" # zip files of modules carry no mode bits
	PATH=$own/bin:$PATH
	hash -r
	go_is_new go || die "Go $GO_VERSION was fetched to $own but does not run."
}

# need_build makes sure that cells can be compiled and linked: Go, cgo's C
# compiler and C library headers, and a linker with version scripts.
need_build() {
	local want=()
	if ! printf '#include <stdlib.h>\nint main(void){return 0;}\n' | ${CC:-cc} -x c -o /dev/null - 2>/dev/null; then
		want+=(gcc libc6-dev)
	fi
	command -v ld >/dev/null || want+=(binutils)
	# a machine without certificates cannot fetch modules
	[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || want+=(ca-certificates)
	[ ${#want[@]} = 0 ] || apt_install "${want[@]}"
	need_go
	export PATH
	[ "$(go env CGO_ENABLED)" = 1 ] || export CGO_ENABLED=1
	say "$(go version | cut -d' ' -f3-4), $(${CC:-cc} --version | head -n 1), $(ld --version | head -n 1)"
}
