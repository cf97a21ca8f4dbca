package scaling

import (
	"math"
	"time"

	"modelbook/dl"
)

// Step is a predicted step of a training.
type Step struct {
	Batch   int           // samples of all ranks
	Compute time.Duration // of the slowest rank, the optimizer included
	Sums    time.Duration // of gradients over the ranks, and the new weights of those whose work they share
	Shown   time.Duration // the part of Sums that Backward does not hide
	Total   time.Duration

	Throughput float64 // samples a second
	Speedup    float64 // throughput beside that of one node with the same batch
	Efficiency float64 // of a node beside one that trains alone
}

// Step predicts a step with a batch of all ranks together.
func (c Cluster) Step(p *Profile, batch int) Step {
	const op = "scaling.Cluster.Step"
	c.check(op)
	p.check(op)
	if batch < 1 {
		dl.PanicValue(op, "a batch of %d samples: 1 or more", batch)
	}
	return c.step(op, p, p.Buckets(), batch)
}

func (c Cluster) step(op string, p *Profile, buckets []Bucket, batch int) Step {
	s := Step{Batch: batch}
	alone := p.Alone.Of(batch)
	if ranks := c.Ranks(); ranks == 1 {
		s.Compute, s.Total = alone, alone
	} else {
		own := (batch + ranks - 1) / ranks
		slowest := 1 + p.Deviates*slowest(ranks)
		forward := p.Forward.Of(own).Seconds() * slowest
		backward := p.Backward.Of(own).Seconds() * slowest
		done, sums, after := 0.0, 0.0, p.Update.Seconds()/float64(ranks)
		for _, b := range buckets { // each after the one before
			took := c.sum(op, b, own)
			done = max(done, forward+b.Ready*backward) + took
			sums += took
			if b.Alone.Shared && c.Nodes > 1 { // on one node, ranks have the weights in common
				weights := c.allGather(float64(b.Bytes))
				sums += weights
				after += weights
			}
		}
		compute := forward + backward + p.Update.Seconds()/float64(ranks)
		total := max(done, forward+backward) + after
		s.Compute, s.Sums = seconds(compute), seconds(sums)
		s.Shown, s.Total = seconds(total-compute), seconds(total)
	}
	s.Throughput = float64(batch) / s.Total.Seconds()
	s.Speedup = alone.Seconds() / s.Total.Seconds()
	s.Efficiency = s.Speedup / float64(c.Nodes)
	return s
}

// sum is the time in which package dist adds up a bucket, of ranks with so many samples each.
func (c Cluster) sum(op string, b Bucket, samples int) float64 {
	n, ranks, g := float64(b.Bytes), c.Ranks(), b.Alone
	if !g.Shared {
		return c.allReduce(op, Choice(ranks, b.Bytes), n)
	}
	if rows := samples * g.Factors; rows > 0 && rows*ranks <= g.Width {
		// each gets its columns of what went into the layer, and all of what came back to it
		height := g.Values / g.Width
		return c.agree() + c.allToAll(4*float64(rows*height)) + c.allGather(4*float64(rows*ranks*g.Width))
	}
	return c.agree() + c.allToAll(n) + c.add(n)*float64(ranks-1)/float64(ranks)
}

// slowest is how many standard deviations the slowest of n is expected beyond the mean: the mean of the largest of n values
// of a normal distribution (Blom's approximation, 1958).
func slowest(n int) float64 {
	if n < 2 {
		return 0
	}
	q := (float64(n) - 0.375) / (float64(n) + 0.25)
	return math.Sqrt2 * math.Erfinv(2*q-1)
}

// MostSamples is the largest batch that [Cluster.Batch] looks at.
const MostSamples = 1 << 26

// Batch is the smallest batch of all ranks with which the nodes have an efficiency or a better one, from 0 to 1; with
// 1/Nodes, they are as fast as one node that trains alone. No batch may be large enough: ok says whether one is.
func (c Cluster) Batch(p *Profile, efficiency float64) (batch int, ok bool) {
	const op = "scaling.Cluster.Batch"
	c.check(op)
	p.check(op)
	if !(efficiency > 0 && efficiency <= 1) {
		dl.PanicValue(op, "an efficiency of %g: more than 0, and 1 at most", efficiency)
	}
	buckets, ranks := p.Buckets(), c.Ranks()
	// whole numbers of samples for each rank: the efficiency of batches between them goes up and down
	enough := func(own int) bool { return c.step(op, p, buckets, own*ranks).Efficiency >= efficiency-1e-9 }
	high := 1
	for !enough(high) {
		if high *= 2; high*ranks > MostSamples {
			return 0, false
		}
	}
	low := high / 2 // too few, or 0
	for high-low > 1 {
		if middle := (low + high) / 2; enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high * ranks, true
}
