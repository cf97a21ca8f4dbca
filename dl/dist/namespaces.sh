#!/bin/bash
# Two ranks in two network namespaces of this machine, joined by a link of limited bandwidth: what a training over a slow
# network does, without a second machine. It needs root, iproute2 and Open MPI, and removes what it has set up.
#
#	go build -o measure ./measure
#	./namespaces.sh 100 ./measure -model digits
#
# The first argument is the rate in Mbit/s. DELAY=1ms delays packets, where the kernel has netem; MPIRUN holds more arguments of
# mpirun. The namespaces have host names and shared memory of their own, and a script stands for ssh, so that they are two
# machines to mpirun and to package dist.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
rate=$1
shift
a=mpi-a-$$ b=mpi-b-$$
agent=$(mktemp)
cleanup() {
	for ns in $a $b; do
		ip netns pids $ns 2>/dev/null | xargs -r kill 2>/dev/null || true
		ip netns del $ns 2>/dev/null || true
	done
	rm -f "$agent"
}
trap cleanup EXIT

ip netns add $a
ip netns add $b
ip link add link0 netns $a type veth peer name link0 netns $b
for ns in $a $b; do
	ip -n $ns link set lo up
	ip -n $ns link set link0 up
	own=10.77.0.1
	[ $ns = $a ] || own=10.77.0.2
	ip -n $ns addr add $own/24 dev link0 noprefixroute
	ip -n $ns route add 10.77.0.0/24 dev link0 src $own congctl cubic # what Linux has where nobody chose another
	# What may be sent at once is half a millisecond's, so that short messages are limited, too; the queue is so long that
	# nothing is dropped, as none is in that of a network card.
	ip netns exec $ns tc qdisc add dev link0 root handle 1: tbf rate "${rate}mbit" burst $((rate * 63 + 4000)) limit 16mb
	if [ -n "${DELAY:-}" ]; then
		ip netns exec $ns tc qdisc add dev link0 parent 1:1 netem delay "$DELAY" limit 20000 ||
			{ echo "namespaces.sh: this kernel has no netem, which DELAY needs" >&2; exit 1; }
	fi
done

# what mpirun runs in place of ssh: a host and a command
cat >"$agent" <<END
#!/bin/sh
shift
exec ip netns exec $b unshare --uts sh -c "hostname node-b; mount -t tmpfs none /dev/shm; \$*"
END
chmod +x "$agent"

ip netns exec $a unshare --uts sh -c 'hostname node-a; mount -t tmpfs none /dev/shm; exec mpirun "$@"' mpirun --allow-run-as-root \
	--mca plm_rsh_agent "$agent" --host 10.77.0.1:1,10.77.0.2:1 -n 2 --bind-to none \
	--mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include link0 --mca oob_tcp_if_include link0 ${MPIRUN:-} "$@"
