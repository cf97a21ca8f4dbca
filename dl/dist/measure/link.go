package main

// #cgo CFLAGS: -O2
// #cgo pkg-config: ompi-c
// #include <mpi.h>
//
// // one_way is the fastest of some messages of so many bytes from rank 0 to 1, in seconds: half of one to and one fro.
// static double one_way(int rank, char *data, int bytes, int times) {
// 	double best = 1e30;
// 	for (int i = -1; i < times; i++) {
// 		MPI_Barrier(MPI_COMM_WORLD);
// 		double begin = MPI_Wtime();
// 		if (rank == 0) {
// 			MPI_Send(data, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
// 			MPI_Recv(data, bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
// 		} else if (rank == 1) {
// 			MPI_Recv(data, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
// 			MPI_Send(data, bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
// 		}
// 		double took = (MPI_Wtime() - begin) / 2;
// 		if (i >= 0 && took < best)
// 			best = took;
// 	}
// 	return best;
// }
//
// // exchange is the fastest of some exchanges of so many bytes between ranks 0 and 1, in seconds.
// static double exchange(int rank, char *from, char *to, int bytes, int times) {
// 	double best = 1e30;
// 	for (int i = -1; i < times; i++) {
// 		MPI_Barrier(MPI_COMM_WORLD);
// 		double begin = MPI_Wtime();
// 		if (rank < 2)
// 			MPI_Sendrecv(from, bytes, MPI_BYTE, 1 - rank, 0, to, bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
// 		double took = MPI_Wtime() - begin;
// 		if (i >= 0 && took < best)
// 			best = took;
// 	}
// 	return best;
// }
//
// // add is the fastest of some sums of so many values in memory, in seconds.
// static double add(float *from, float *to, int values, int times) {
// 	double best = 1e30;
// 	for (int i = 0; i < times; i++) {
// 		double begin = MPI_Wtime();
// 		MPI_Reduce_local(from, to, values, MPI_FLOAT, MPI_SUM);
// 		double took = MPI_Wtime() - begin;
// 		if (took < best)
// 			best = took;
// 	}
// 	return best;
// }
import "C"

import (
	"fmt"
	"strings"
	"time"
	"unsafe"

	"modelbook/dl/dist"
	"modelbook/dl/train/scaling"
)

const (
	most  = 16 << 20 // bytes of the longest message
	times = 9        // how often a long message is sent
)

// cluster measures the link between ranks 0 and 1 and the sums in memory. All ranks call it.
func cluster(c *dist.Comm) scaling.Cluster {
	from, to := make([]float32, most/4), make([]float32, most/4)
	a, b := (*C.char)(unsafe.Pointer(&from[0])), (*C.char)(unsafe.Pointer(&to[0]))
	rank := C.int(c.Rank())
	// same makes the time of rank 0 that of all
	same := func(seconds C.double) float64 {
		all := []float64{float64(seconds)}
		dist.Broadcast(c, all, 0)
		return all[0]
	}
	cluster := scaling.Cluster{Nodes: c.Size(), Add: most / same(C.add((*C.float)(unsafe.Pointer(a)), (*C.float)(unsafe.Pointer(b)), most/4, times))}
	if c.Size() == 1 {
		return cluster
	}
	latency := same(C.one_way(rank, a, 1, 1000))
	// a message so long that it takes a quarter of a second: shorter ones may fit into buffers on the way
	bytes := C.int(1 << 20)
	for bytes < most && same(C.one_way(rank, a, bytes, 1)) < 0.25 {
		bytes *= 2
	}
	l := scaling.Link{Latency: time.Duration(latency * 1e9)}
	start := 3 * latency // a long message asks, and waits for the answer
	l.Bandwidth = float64(bytes) / (same(C.one_way(rank, a, bytes, times)) - start)
	l.Exchange = float64(bytes) / (same(C.exchange(rank, a, b, bytes, times)) - start)
	cluster.Network = l
	if host(c, 0) == host(c, c.Size()-1) { // mpirun gives the ranks of a machine numbers that follow each other
		cluster.Nodes, cluster.PerNode, cluster.Memory = 1, c.Size(), l
	}
	return cluster
}

// host is that of a rank.
func host(c *dist.Comm, rank int) string {
	_, name, _ := strings.Cut(c.Name(rank), " on ")
	return name
}

// sums compares predicted and measured sums over the ranks.
func sums(c *dist.Comm, of scaling.Cluster) (rows [][]string) {
	for _, n := range []int{1, 1 << 16, 1 << 18, 2768896} {
		values := make([]float32, n)
		best := time.Hour
		for begin := time.Now(); ; {
			c.Barrier()
			start := time.Now()
			dist.AllReduce(c, values)
			best = min(best, time.Since(start))
			more := []float64{0}
			if time.Since(begin) < 4*time.Second {
				more[0] = 1
			}
			dist.Broadcast(c, more, 0)
			if more[0] == 0 {
				break
			}
		}
		rows = append(rows, compared(fmt.Sprintf("sum of %d bytes", 4*n), of.AllReduce(4*n), best))
	}
	return rows
}
