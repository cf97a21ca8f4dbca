package lm

import (
	"fmt"

	"modelbook/dl"
)

// Cache holds the keys and values of the positions that were computed, for all layers of a decoder, so that each new one is
// computed once. Its memory is taken at the beginning. Samples may have different lengths. It holds no gradients: use it
// inside of dl.NoGrad.
type Cache struct {
	keys, values   []*dl.Tensor // of each layer, [N, capacity, channels]
	lengths, after []int        // positions of each sample, before and after the call under way
	at             []int        // positions of the tokens of a call, for tables
}

func newCache(layers, n, capacity, channels int) *Cache {
	if layers < 1 {
		dl.PanicValue("lm.NewCache", "the model is empty: New of a configuration makes one, and Load reads one from a folder")
	}
	if n < 1 || capacity < 1 {
		dl.PanicValue("lm.NewCache", "a cache of %d samples of %d positions is none", n, capacity)
	}
	c := &Cache{}
	for range layers { // refuses more than there is memory for
		c.keys = append(c.keys, dl.Zeros(n, capacity, channels))
		c.values = append(c.values, dl.Zeros(n, capacity, channels))
	}
	c.lengths, c.after, c.at = make([]int, n), make([]int, n), make([]int, 0, n)
	return c
}

// Capacity is the number of positions for which a sample has room.
func (c *Cache) Capacity() int {
	if len(c.keys) == 0 {
		return 0 // of a zero Cache
	}
	return c.keys[0].Dim(1)
}

// Lengths are the numbers of positions of each sample.
func (c *Cache) Lengths() []int { return append([]int(nil), c.lengths...) }

// Truncate forgets the positions of each sample from n on; 0 empties the cache.
func (c *Cache) Truncate(n int) {
	for i, have := range c.lengths {
		c.lengths[i] = min(have, max(0, n))
	}
}

// reorder makes sample i go on from sample rows[i], as beams do. to is a cache of the same size, which becomes the new one.
func (c *Cache) reorder(to *Cache, rows []int) {
	for layer := range c.keys {
		for i, r := range rows {
			n := c.lengths[r]
			to.keys[layer].Index(i).SetSlice(0, 0, n, c.keys[layer].Index(r).Slice(0, 0, n))
			to.values[layer].Index(i).SetSlice(0, 0, n, c.values[layer].Index(r).Slice(0, 0, n))
		}
	}
	for i, r := range rows {
		to.lengths[i] = c.lengths[r]
	}
}

// begin checks a call with n samples of t tokens, of which lengths (nil: t) count, and says where they will end. The model
// has so many layers, with so many channels of keys.
func (c *Cache) begin(op string, tokens *dl.Tensor, lengths []int, layers, channels int) {
	n, t := tokens.Dim(0), tokens.Dim(1)
	if len(c.keys) != layers || c.keys[0].Dim(2) != channels {
		dl.PanicValue(op, "the cache is of another model, or of none: NewCache of this one makes one, for its %d layers with keys of %d channels", layers, channels)
	}
	if n != len(c.lengths) {
		dl.PanicShape(op, fmt.Sprintf("the cache is for %d samples, here are %d", len(c.lengths), n), tokens)
	}
	for i, have := range c.lengths {
		add := t
		if lengths != nil {
			add = lengths[i]
		}
		c.after[i] = have + add
		if c.after[i] > c.Capacity() {
			dl.PanicValue(op, "sample %d would have %d positions; the cache has room for %d", i, c.after[i], c.Capacity())
		}
	}
}

// attend appends the keys and values of a layer and attends to all.
func (c *Cache) attend(layer int, q, k, v *dl.Tensor, o dl.AttentionOptions) *dl.Tensor {
	longest, even := 0, true
	for i, end := range c.after {
		longest = max(longest, end)
		even = even && c.lengths[i] == c.lengths[0] && end == c.after[0]
	}
	keys, values := c.keys[layer], c.values[layer]
	if from := c.lengths[0]; even {
		keys.SetSlice(1, from, c.after[0], k.Slice(1, 0, c.after[0]-from))
		values.SetSlice(1, from, c.after[0], v.Slice(1, 0, c.after[0]-from))
	} else {
		for i, from := range c.lengths {
			add := c.after[i] - from
			keys.Index(i).SetSlice(0, from, from+add, k.Index(i).Slice(0, 0, add))
			values.Index(i).SetSlice(0, from, from+add, v.Index(i).Slice(0, 0, add))
		}
	}
	o.Causal, o.Offsets, o.Lengths = true, c.lengths, c.after
	if even && q.Dim(1) == c.after[0]-c.lengths[0] { // the last query is at the last key
		o.Offsets, o.Lengths = nil, nil
	}
	return dl.Attention(q, keys.Slice(1, 0, longest), values.Slice(1, 0, longest), o)
}

// end makes what was appended count.
func (c *Cache) end() { copy(c.lengths, c.after) }

// positions are those of the tokens of a call, row by row.
func (c *Cache) positions(t int) []int {
	c.at = c.at[:0]
	for _, from := range c.lengths {
		for i := range t {
			c.at = append(c.at, from+i)
		}
	}
	return c.at
}
