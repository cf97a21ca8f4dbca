#!/usr/bin/env bash
# Installs what the tests need and runs them all: every package, then the
# kernel and the notebooks through real Jupyter clients.
set -euo pipefail
cd "$(dirname "$0")/.."
. install/need.sh

need_build
# Debian's clients belong to Debian's Python, whatever `python3` is here.
python=/usr/bin/python3
if ! $python -c 'import jupyter_client, nbconvert, nbclient, ipykernel, jupyter_console, jupyter_kernel_test, pexpect' 2>/dev/null; then
	apt_install jupyter-client jupyter-nbconvert python3-nbclient python3-ipykernel jupyter-console python3-jupyter-kernel-test python3-pexpect
fi

# The browser tests: a server, a browser, Node.js for its driver and for JupyterLab's page.
$python -c 'import notebook' 2>/dev/null || apt_install jupyter-notebook
command -v chromium >/dev/null || apt_install chromium
command -v node >/dev/null && command -v npm >/dev/null || apt_install nodejs npm

# The classic Notebook's widget manager, of ipywidgets 7 or later. Where the
# distribution's is older, as Debian 12's, the one file that matters comes from
# the package of Debian 13, which is not installed.
need_nbextension() {
	local file=jupyter-js-widgets/extension.js own=/usr/share/jupyter/nbextensions dir
	local kept=${XDG_CACHE_HOME:-$HOME/.cache}/modelbook-test/nbextensions
	[ ! -e "$kept/$file" ] || return 0
	if [ -e "$own/$file" ] && ! grep -q jupyter.widget.version "$own/$file"; then return; fi
	is_root_debian || die "missing: widgetsnbextension 3 or later, the classic Notebook's part of ipywidgets"
	say "fetching the classic Notebook's widget manager"
	dir=$(mktemp -d)
	mkdir -p "$dir/lists/partial" "$dir/parts"
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' \
		"$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)" >"$dir/sources.list"
	(cd "$dir" && set -- -q -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts="$dir/parts" -o Dir::State::Lists="$dir/lists" -o APT::Sandbox::User=root -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false &&
		apt-get "$@" update && apt-get "$@" download python3-widgetsnbextension && dpkg-deb -x ./*.deb x) >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; die "the widget manager could not be fetched"; }
	mkdir -p "$kept/${file%/*}" && cp "$dir/x$own/$file" "$kept/$file"
	rm -rf "$dir"
}
need_nbextension

# The notebooks in Chinese draw figures with Chinese words.
fc-list :lang=zh-cn 2>/dev/null | grep -q . || apt_install fonts-wqy-microhei

# A notebook of GoNB's calculates with bc.
command -v bc >/dev/null || apt_install bc

# Training on several machines is over MPI.
command -v mpirun >/dev/null && pkg-config --exists ompi-c 2>/dev/null || apt_install openmpi-bin libopenmpi-dev pkg-config

say "vet"
go vet ./...
go vet -tags client ./kernel/... ./notebooks/...
for module in dl/data/parquet dl/dist; do # what a package of theirs imports anew is missed here, before the long tests
	(cd $module && go vet ./...)
done
say "the compute kernels' portable reference"
go test -tags purego ./dl/internal/...
# What reads data, texts and files computes little, and what is below dl does not see the checking backend.
computes=$(go list ./dl/... | grep -v -e '/dl/data' -e '/dl/text' -e '/dl/gguf' -e '/dl/bench' -e '/dl/train/tensorboard' -e '/dl/privacy/[as]' -e '/dl/internal/\(from\|golden\|rich\|mistakes\)')
say "dl on each instruction set that is not this machine's best"
sets='avx2 portable'
[ "$(go env GOARCH)" = amd64 ] || sets=portable
for set in $sets; do
	MODELBOOK_SIMD=$set go test -count=1 $computes # read before the test cache looks
done
say "dl on a backend that checks what operations ask of one"
go vet -tags checked ./dl
go test -tags checked $(grep -v /dl/internal/ <<<"$computes")

say "dl with the race detector"
CGO_ENABLED=1 go test -race ./dl ./dl/internal/...
CGO_ENABLED=1 go test -race -run Beside ./dl/train
if [ "$(go env GOARCH)" = amd64 ]; then
	say "the kernels for arm64, emulated"
	command -v qemu-aarch64 >/dev/null || apt_install qemu-user
	GOARCH=arm64 CGO_ENABLED=0 go test -short -exec qemu-aarch64 ./dl/internal/cpu ./dl/internal/gemm ./dl/internal/quantized ./dl/internal/vec
fi
say "every package"
go test -timeout 45m ./...
say "Parquet files, in a module of its own"
(cd dl/data/parquet && go test .)
say "training over MPI, in a module of its own"
(cd dl/dist && go test ./...)
other=1.27.2
[[ $(go env GOVERSION) == go1.26* ]] || other=$GO_VERSION
say "what cells need of the other Go release, $other"
GOTOOLCHAIN=go$other go version >/dev/null || die "Go $other could not be fetched from the module proxy (go env GOPROXY); the tests need it"
GOTOOLCHAIN=go$other go test ./kernel/compile ./kernel/toolchain/hook -run 'Facts|Hooks'
say "five hundred sequences of cells against one program each"
go test -count=1 -timeout 30m ./kernel/engine/differential -sequences 500 -beside=false # the twenty of every package run some cells beside others
say "real Jupyter clients"
go test -tags client -count=1 -timeout 45m -run Client ./kernel/... ./notebooks/...
