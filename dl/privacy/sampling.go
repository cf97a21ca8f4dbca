package privacy

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"modelbook/dl"
)

// source is where noise and samples come from: a cipher with a key that nobody knows.
type source struct{ *rand.Rand }

// newSource begins a source with a seed of the system's cryptographic source, or with one that is known.
func newSource(insecure uint64) (*source, error) {
	var seed [32]byte
	if insecure != 0 {
		binary.LittleEndian.PutUint64(seed[:], insecure)
	} else if _, err := cryptorand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("privacy: the system's cryptographic source: %w", err)
	}
	return &source{rand.New(newKeystream(seed))}, nil
}

// seed is one for a part of the noise.
func (s *source) seed() (seed [32]byte) {
	for i := 0; i < len(seed); i += 8 {
		binary.LittleEndian.PutUint64(seed[i:], s.Uint64())
	}
	return seed
}

// poisson takes each sample for each step with the same probability, whatever else was taken. It is a
// data.BatchSampler.
type poisson struct {
	rate   float64
	steps  int
	source *source
}

// Order is all samples; it is not asked for.
func (p poisson) Order(n int, _ *dl.Rand) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Steps is the number of batches in an epoch.
func (p poisson) Steps(int) int { return p.steps }

// Batches draws the samples of each step.
func (p poisson) Batches(n int, _ *dl.Rand) [][]int {
	batches := make([][]int, p.steps)
	for i := range batches {
		batch := make([]int, 0, int(float64(n)*p.rate*1.5)+8)
		for sample := range n {
			if p.source.Float64() < p.rate {
				batch = append(batch, sample)
			}
		}
		batches[i] = batch
	}
	return batches
}
