package nn

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// KVCache holds the keys and values of an attention for the positions that were computed, so that in generation each
// new position is computed once: see [AttendOptions]. Its memory is taken as a whole at the beginning; what is appended
// is written behind what is there, and Keys and Values are views. Samples may have different lengths: those of a batch of
// prompts, each padded behind, are given to the first call as Lengths.
//
// A cache holds no gradients: use it inside of dl.NoGrad.
type KVCache struct {
	keys, values *dl.Tensor // [N, capacity, channels]
	lengths      []int      // positions of each sample
	fixed        bool       // it is that of another sequence, and complete
}

// NewKVCache makes a cache for n samples of up to capacity positions. channels are those of the keys, KVHeads*HeadSize:
// see [MultiHeadAttention.NewCache]. It panics with a *dl.ValueError for sizes below 1.
func NewKVCache(n, capacity, channels int) *KVCache {
	if err := checkShape(dl.Shape{n, capacity, channels}); err != nil {
		dl.PanicValue("nn.NewKVCache", "%v", err)
	}
	return &KVCache{keys: dl.Zeros(n, capacity, channels), values: dl.Zeros(n, capacity, channels), lengths: make([]int, n)}
}

// NewCache makes a cache for n samples of up to capacity positions of this layer.
func (a *MultiHeadAttention) NewCache(n, capacity int) *KVCache {
	a.Weight.tensor("nn.MultiHeadAttention.NewCache") // built
	return NewKVCache(n, capacity, a.KVHeads*a.HeadSize)
}

// made refuses a cache that has no room.
func (c *KVCache) made(method string) {
	if c == nil || c.keys == nil {
		dl.PanicValue("nn.KVCache."+method, "the cache has no room: make it with nn.NewKVCache, or with NewCache of the layer")
	}
}

// Capacity is the number of positions for which a sample has room.
func (c *KVCache) Capacity() int {
	c.made("Capacity")
	return c.keys.Dim(1)
}

// Lengths are the numbers of positions of each sample.
func (c *KVCache) Lengths() []int { return slices.Clone(c.lengths) }

// Keys are those of the positions so far, a view [N, S, channels], where S is the largest length. What lies behind the
// length of a sample has no meaning.
func (c *KVCache) Keys() *dl.Tensor {
	c.made("Keys")
	return c.keys.Slice(1, 0, slices.Max(c.lengths))
}

// Values are those of the positions so far, as Keys are.
func (c *KVCache) Values() *dl.Tensor {
	c.made("Values")
	return c.values.Slice(1, 0, slices.Max(c.lengths))
}

// fits says by a panic that a cache is not for n samples.
func (c *KVCache) fits(op string, x *dl.Tensor, n int) {
	dl.PanicShape(op+".Call", fmt.Sprintf("the cache is for %d samples, here are %d", len(c.lengths), n), x)
}

// Append puts keys and values [N, T, channels] behind those of each sample: of sample i the first counts[i] positions,
// with nil all T. It panics with a *dl.ValueError when there is no room.
func (c *KVCache) Append(keys, values *dl.Tensor, counts []int) {
	const op = "nn.KVCache.Append"
	c.made("Append")
	want := c.keys.Shape()
	if keys.Rank() != 3 || !keys.Shape().Equal(values.Shape()) || keys.Dim(0) != want[0] || keys.Dim(2) != want[2] {
		dl.PanicShape(op, fmt.Sprintf("keys and values [N, T, channels] are needed, here [%d, T, %d]", want[0], want[2]), keys, values)
	}
	if keys.RequiresGrad() || values.RequiresGrad() {
		dl.PanicValue(op, "a cache holds no gradients: compute inside of dl.NoGrad, or with Predict")
	}
	t := keys.Dim(1)
	if counts != nil && len(counts) != want[0] {
		dl.PanicValue(op, "there are %d lengths for %d samples", len(counts), want[0])
	}
	for i, n := range c.lengths {
		add := t
		if counts != nil {
			add = counts[i]
		}
		switch {
		case add < 0 || add > t:
			dl.PanicValue(op, "the length of sample %d is %d; there are %d positions", i, add, t)
		case n+add > want[1]:
			dl.PanicValue(op, "sample %d would have %d positions; the cache has room for %d", i, n+add, want[1])
		}
	}
	if first := c.lengths[0]; counts == nil && !slices.ContainsFunc(c.lengths, func(n int) bool { return n != first }) {
		c.keys.SetSlice(1, first, first+t, keys)
		c.values.SetSlice(1, first, first+t, values)
		for i := range c.lengths {
			c.lengths[i] += t
		}
		return
	}
	for i, n := range c.lengths {
		add := t
		if counts != nil {
			add = counts[i]
		}
		c.keys.Index(i).SetSlice(0, n, n+add, keys.Index(i).Slice(0, 0, add))
		c.values.Index(i).SetSlice(0, n, n+add, values.Index(i).Slice(0, 0, add))
		c.lengths[i] += add
	}
}

// Truncate forgets the positions of each sample from n on; 0 empties the cache.
func (c *KVCache) Truncate(n int) {
	if n < 0 {
		dl.PanicValue("nn.KVCache.Truncate", "%d positions are impossible", n)
	}
	for i := range c.lengths {
		c.lengths[i] = min(c.lengths[i], n)
	}
	if n == 0 {
		c.fixed = false
	}
}

// Rows returns a cache whose sample i has the positions of sample rows[i] of this one, as beams do that go on from one
// another. They are copied.
func (c *KVCache) Rows(rows ...int) *KVCache {
	c.made("Rows")
	for _, r := range rows {
		if r < 0 || r >= len(c.lengths) {
			dl.PanicValue("nn.KVCache.Rows", "there is no sample %d of %d", r, len(c.lengths))
		}
	}
	s := c.keys.Shape()
	to := NewKVCache(len(rows), s[1], s[2])
	to.fixed = c.fixed
	for i, r := range rows {
		n := c.lengths[r]
		to.keys.Index(i).SetSlice(0, 0, n, c.keys.Index(r).Slice(0, 0, n))
		to.values.Index(i).SetSlice(0, 0, n, c.values.Index(r).Slice(0, 0, n))
		to.lengths[i] = n
	}
	return to
}
