#!/usr/bin/env bash
# turns.sh TURNS ARGUMENTS...: trains the example in one process of two threads and in two ranks of one, in turns; prints
# samples a second of both in the second epoch and their ratio, the smallest ratio first, and the medians.
set -euo pipefail
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
go build -o "$folder/example" ./example
speed() { sed -n 's|.*epoch 2/2.* \([0-9,.]*\)/s .*|\1|p' | tr -d ,; }
turns=$1
shift
for _ in $(seq "$turns"); do
	alone=$(GOMAXPROCS=2 "$folder/example" -epochs 2 "$@" | speed)
	ranks=$(mpirun --allow-run-as-root -n 2 -x GOMAXPROCS=1 "$folder/example" -epochs 2 "$@" | speed)
	echo "$alone $ranks"
done | awk '{ printf "%d %d %.2f\n", $1, $2, $2 / $1 }' | sort -n -k3 | tee "$folder/turns"
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for column in 1 2 3; do
	cut -d' ' -f$column "$folder/turns" | median
done | paste -sd' ' | sed 's/^/medians: /'
