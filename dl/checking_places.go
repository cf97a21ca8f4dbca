//go:build checked

package dl

// Operations that name places of elements.

func (c *checking) gather(g gathering, y *Tensor) (bad int) {
	bad = -1
	for i := range g.index.size {
		if v := int(c.real.get(g.index.storage, g.index.offset+i)); v < -g.x.shape[g.axis] || v >= g.x.shape[g.axis] {
			return c.real.gather(g, y) // not all is written
		}
	}
	c.do(use{op: "Gather", writes: tensors{y}, reads: tensors{g.x, g.index}}, func() { bad = c.real.gather(g, y) })
	return bad
}

func (c *checking) gatherGrad(g gathering, dy *Tensor, fresh bool) {
	c.do(use{op: "Gather, backwards,", writes: tensors{g.x}, reads: tensors{g.index, dy}}, func() { c.real.gatherGrad(g, dy, fresh) })
}

func (c *checking) places(index *Tensor, size int, at []int) (bad int) {
	c.do(use{op: "an index", reads: tensors{index}}, func() { bad = c.real.places(index, size, at) })
	return bad
}

func (c *checking) scatterProducts(s productScatter, y *Tensor) {
	c.do(use{op: "ScatterReduce", writes: tensors{y}, reads: tensors{s.t, s.src}}, func() { c.real.scatterProducts(s, y) })
}

func (c *checking) scatterProductsGrad(s productScatter, dy, dt, dsrc *Tensor) {
	c.do(use{op: "ScatterReduce, backwards,", writes: tensors{dt, dsrc}, reads: tensors{s.t, s.src, dy}}, func() { c.real.scatterProductsGrad(s, dy, dt, dsrc) })
}
