#!/usr/bin/env bash
# Builds modelbook, installs its Jupyter kernel for this user, and trains the
# flagship notebook in this terminal. No Jupyter and no Python are needed.
#
#   ./install/run.sh                   everything, ten epochs
#   ./install/run.sh --quick           one epoch
#   ./install/run.sh --no-notebook     build and install only
#   ./install/run.sh --sys-prefix      the kernelspec for the active Python environment
#   ./install/run.sh --prefix DIR      the kernelspec below DIR/share/jupyter
set -euo pipefail
cd "$(dirname "$0")/.."
. install/need.sh

set_args=() where=() notebook=yes
while [ $# -gt 0 ]; do
	case $1 in
	--quick) set_args=(--set epochs=1) ;;
	--no-notebook) notebook=no ;;
	--user | --sys-prefix) where=("$1") ;;
	--prefix) where=(--prefix "${2:?--prefix needs a folder}") && shift ;;
	-h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit ;;
	*) die "unknown option $1 (--help lists them)" ;;
	esac
	shift
done

need_build
say "building modelbook"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -trimpath -o "$bin/modelbook" ./kernel/cmd/modelbook
say "installing the kernel and compiling ahead what cells use (the first time this takes about two minutes)"
"$bin/modelbook" install --source . ${where[@]+"${where[@]}"}

[ $notebook = yes ] || exit 0
out=$PWD/notebooks/out/mnist_cnn.ipynb
mkdir -p notebooks/out
say "running notebooks/mnist_cnn.ipynb"
"$bin/modelbook" run notebooks/mnist_cnn.ipynb -o "$out" ${set_args[@]+"${set_args[@]}"}

accuracy=$(grep -o 'test accuracy [0-9.]* %' "$out" | tail -n 1 || true)
[ -n "$accuracy" ] || die "the notebook ran but printed no test accuracy: look at $out"
say "${accuracy/accuracy/accuracy:}"
say "the executed notebook: $out"
say "to go on in JupyterLab:  jupyter lab $out   (kernel \"Go (modelbook)\"; without Jupyter: pip install jupyterlab)"
