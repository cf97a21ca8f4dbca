package scaling

import (
	"time"

	"modelbook/dl"
)

// Cluster is what a training runs on.
type Cluster struct {
	Nodes   int
	PerNode int  // ranks of a node; 0: 1
	Network Link // between nodes
	Memory  Link // between ranks of a node, when there are more than one
	// Add is how many bytes a second a rank adds to others, in memory; 0: that takes no time.
	Add float64
}

func (c Cluster) perNode() int { return max(c.PerNode, 1) }

// Ranks is the number of ranks of all nodes.
func (c Cluster) Ranks() int { return c.Nodes * c.perNode() }

func (c Cluster) check(op string) {
	if c.Nodes < 1 || c.PerNode < 0 || c.Nodes > 1<<20 || c.PerNode > 1<<12 {
		dl.PanicValue(op, "%d nodes with %d ranks each: there is one node or more (up to a million), and a rank or more on it (0: 1)", c.Nodes, c.PerNode)
	}
	if c.Add < 0 || c.Add != 0 && !positive(c.Add) {
		dl.PanicValue(op, "Add is %g: it is bytes a second, or 0", c.Add)
	}
	if c.Nodes > 1 {
		c.Network.check(op)
	}
	if c.PerNode > 1 {
		c.Memory.check(op)
	}
}

// exchange is the time of an exchange with the rank at a distance. The ranks of a node are neighbours, and share its network
// when all of them exchange over it.
func (c Cluster) exchange(distance int, bytes float64) float64 {
	if distance < c.perNode() {
		return c.Memory.exchange(bytes, 1)
	}
	return c.Network.exchange(bytes, c.perNode())
}

func (c Cluster) add(bytes float64) float64 {
	if c.Add == 0 {
		return 0
	}
	return bytes / c.Add
}

// AllToAll is the time in which every rank sends each other one its part of so many bytes, a p-th of them, one after the
// other: (p-1) a + (p-1)/p n b.
func (c Cluster) AllToAll(bytes int) time.Duration {
	return c.parts("scaling.Cluster.AllToAll", bytes, c.allToAll)
}

// AllGather is the time in which every rank gets the parts of all, together so many bytes, each from its neighbour:
// (p-1) a + (p-1)/p n b.
func (c Cluster) AllGather(bytes int) time.Duration {
	return c.parts("scaling.Cluster.AllGather", bytes, c.allGather)
}

func (c Cluster) parts(op string, bytes int, f func(n float64) float64) time.Duration {
	c.check(op)
	if bytes < 0 {
		dl.PanicValue(op, "%d bytes: not negative", bytes)
	}
	return seconds(f(float64(bytes)))
}

func (c Cluster) allToAll(n float64) float64 {
	p, own := c.Ranks(), c.perNode()
	part := n / float64(p)
	took := 0.0
	if own > 1 {
		took += float64(own-1) * c.Memory.exchange(part, 1)
	}
	if p > own {
		took += float64(p-own) * c.Network.exchange(part, own)
	}
	return took
}

func (c Cluster) allGather(n float64) float64 {
	p := c.Ranks()
	return float64(p-1) * c.next(n/float64(p))
}

// next is the time in which every rank sends something to the next one: that of the slowest link. Over the network one
// rank of each node sends.
func (c Cluster) next(bytes float64) float64 {
	took := 0.0
	if c.Nodes > 1 {
		took = c.Network.exchange(bytes, 1)
	}
	if c.perNode() > 1 {
		took = max(took, c.Memory.exchange(bytes, 1))
	}
	return took
}

// agree is the time in which all ranks learn a few bytes of each other: log2(p) messages.
func (c Cluster) agree() float64 {
	took := 0.0
	for d := 1; d < c.Ranks(); d *= 2 {
		took += c.exchange(d, 4*float64(d))
	}
	return took
}
