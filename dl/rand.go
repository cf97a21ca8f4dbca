package dl

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// A Rand is a source of random numbers: the PCG generator of math/rand/v2.
// Equal seeds give equal numbers on every machine. It may be used by several
// goroutines.
type Rand struct {
	mu  sync.Mutex
	pcg rand.PCG
	r   *rand.Rand
}

// NewRand returns a source with a seed.
func NewRand(seed uint64) *Rand {
	r := &Rand{}
	r.pcg.Seed(seed, seed^0x9e3779b97f4a7c15)
	r.r = rand.New(&r.pcg)
	return r
}

var defaultRand = NewRand(0)

// DefaultRand returns the source that initialisers use.
func DefaultRand() *Rand { return defaultRand }

// Seed starts the default source anew.
func Seed(seed uint64) {
	defaultRand.mu.Lock()
	defer defaultRand.mu.Unlock()
	defaultRand.pcg.Seed(seed, seed^0x9e3779b97f4a7c15)
}

// Float64 returns a number in [0, 1).
func (r *Rand) Float64() float64 {
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Float64()
}

// Uint64 returns 64 random bits.
func (r *Rand) Uint64() uint64 {
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Uint64()
}

// Normal returns a number of the standard normal distribution.
func (r *Rand) Normal() float64 {
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.NormFloat64()
}

// IntN returns an integer in [0, n).
func (r *Rand) IntN(n int) int {
	if n < 1 {
		PanicValue("Rand.IntN", "there is no integer from 0 to below %d", n)
	}
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.IntN(n)
}

// Perm returns the integers 0..n-1 in random order.
func (r *Rand) Perm(n int) []int {
	Shape{n}.fits("Rand.Perm", Int64)
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Perm(n)
}

// Uniforms returns a float32 tensor of numbers in [lo, hi): hi itself, to which
// the largest would be rounded, is never among them. Where no float32 is in
// [lo, hi), all are the next one from lo on.
func (r *Rand) Uniforms(lo, hi float64, shape ...int) *Tensor {
	t := Zeros(shape...)
	r.uniforms(t, lo, hi)
	return t
}

// uniforms overwrites t with what Uniforms returns.
func (r *Rand) uniforms(t *Tensor, lo, hi float64) {
	if !(lo <= hi) || math.IsInf(hi-lo, 0) {
		panic(&ShapeError{Op: "Uniforms", Detail: fmt.Sprintf("there are no numbers from %v to below %v", lo, hi), Caller: caller()})
	}
	first, last := float32(lo), float32(hi)
	if float64(first) < lo {
		first = math.Nextafter32(first, float32(math.Inf(1)))
	}
	if float64(last) >= hi {
		last = math.Nextafter32(last, float32(math.Inf(-1)))
	}
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, x := 0, t.Float32s(); i < len(x); i++ {
		x[i] = max(first, min(last, float32(lo+(hi-lo)*r.r.Float64())))
	}
}

// Normals returns a float32 tensor of normally distributed numbers.
func (r *Rand) Normals(mean, deviation float64, shape ...int) *Tensor {
	t := Zeros(shape...)
	r.normals(t, mean, deviation)
	return t
}

// normals overwrites t with what Normals returns.
func (r *Rand) normals(t *Tensor, mean, deviation float64) {
	if !(deviation >= 0) || math.IsInf(deviation, 0) || math.IsNaN(mean-mean) {
		PanicValue("Normals", "there are no numbers with mean %v and deviation %v: the mean must be finite, the deviation finite and not negative", mean, deviation)
	}
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, x := 0, t.Float32s(); i < len(x); i++ {
		x[i] = float32(mean + deviation*r.r.NormFloat64())
	}
}

// State returns where the source is; SetState goes there again.
func (r *Rand) State() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, err := r.pcg.MarshalBinary()
	if err != nil {
		panic(err) // PCG always marshals
	}
	return b
}

// SetState continues from a State.
func (r *Rand) SetState(state []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(state) != 20 {
		return errors.New("dl: not the state of a random source")
	}
	if r.r == nil {
		r.r = rand.New(&r.pcg)
	}
	return r.pcg.UnmarshalBinary(state)
}

// Uniform returns a float32 tensor of numbers in [0, 1) from the default source.
func Uniform(shape ...int) *Tensor { return defaultRand.Uniforms(0, 1, shape...) }

// Randn returns a float32 tensor of standard normal numbers from the default source.
func Randn(shape ...int) *Tensor { return defaultRand.Normals(0, 1, shape...) }
