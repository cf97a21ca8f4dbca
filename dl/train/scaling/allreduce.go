package scaling

import (
	"fmt"
	"math/bits"
	"time"

	"modelbook/dl"
)

// Algorithm is a way in which p ranks add up n bytes each, so that all have the sums.
type Algorithm int

// The algorithms of Thakur, Rabenseifner and Gropp (2005). With a latency a, b seconds to exchange a byte and g seconds to
// add one:
const (
	// RecursiveDoubling exchanges everything with the rank at the distance 1, 2, 4 and so on: log2(p) (a + n b + n g).
	RecursiveDoubling Algorithm = iota
	// Ring sends a p-th to the next rank, 2 (p-1) times: 2 (p-1) a + 2 (p-1)/p n b + (p-1)/p n g.
	Ring
	// Rabenseifner exchanges a half, a quarter and so on until each rank has the sums of a p-th, and goes the way back to
	// collect them: 2 log2(p) a + 2 (p-1)/p n b + (p-1)/p n g. Ranks beyond a power of two give what they have to a
	// neighbour before that and get the sums after it.
	Rabenseifner
)

// String is the name of the algorithm.
func (a Algorithm) String() string {
	switch a {
	case RecursiveDoubling:
		return "recursive doubling"
	case Ring:
		return "ring"
	case Rabenseifner:
		return "Rabenseifner"
	}
	return fmt.Sprintf("Algorithm(%d)", int(a))
}

// Choice is the algorithm that Open MPI 4.1 chooses for so many ranks and bytes, in the main: it has exceptions for sums of
// less than 256 KiB, in which these three differ little.
func Choice(ranks, bytes int) Algorithm {
	switch {
	case bytes < 8<<10, ranks >= 64 && ranks < 256 && bytes < 256<<10:
		return RecursiveDoubling
	default:
		return Rabenseifner
	}
}

// AllReduce is the time in which all ranks add up so many bytes each, with the algorithm of [Choice].
func (c Cluster) AllReduce(bytes int) time.Duration {
	return c.AllReduceBy(Choice(c.Ranks(), bytes), bytes)
}

// AllReduceBy is the time in which all ranks add up so many bytes each with an algorithm.
func (c Cluster) AllReduceBy(a Algorithm, bytes int) time.Duration {
	const op = "scaling.Cluster.AllReduce"
	c.check(op)
	if bytes < 0 {
		dl.PanicValue(op, "%d bytes: not negative", bytes)
	}
	return seconds(c.allReduce(op, a, float64(bytes)))
}

func (c Cluster) allReduce(op string, a Algorithm, n float64) float64 {
	p := c.Ranks()
	if p == 1 {
		return 0
	}
	power := 1 << (bits.Len(uint(p)) - 1) // the largest power of two of ranks
	took := 0.0
	switch a {
	case RecursiveDoubling:
		if power < p { // to a neighbour, and the sums back
			took += 2*c.exchange(1, n) + c.add(n)
		}
		for d := 1; d < power; d *= 2 {
			took += c.exchange(d, n) + c.add(n)
		}
	case Ring:
		part := n / float64(p)
		took = float64(p-1) * (2*c.next(part) + c.add(part))
	case Rabenseifner:
		if power < p { // half of it each way, one half of the sums back; at the end all sums
			took += 2*c.exchange(1, n/2) + c.add(n/2) + c.exchange(1, n)
		}
		part := n
		for d := 1; d < power; d *= 2 {
			part /= 2
			took += 2*c.exchange(d, part) + c.add(part)
		}
	default:
		dl.PanicValue(op, "%v is no algorithm: RecursiveDoubling, Ring or Rabenseifner", a)
	}
	return took
}
