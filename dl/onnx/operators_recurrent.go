package onnx

import "modelbook/dl"

// recurrent are the operators with a state.
func recurrent() map[string]signature {
	return map[string]signature{
		"LSTM": {run: func(c *call) []*dl.Tensor { return c.recur([]int{0, 2, 3, 1}) }, least: 3, most: 8}, // i, o, f, c there
		"GRU":  {run: func(c *call) []*dl.Tensor { return c.recur([]int{1, 0, 2}) }, least: 3, most: 6},    // z, r, h there
		"RNN":  {run: func(c *call) []*dl.Tensor { return c.recur([]int{0}) }, least: 3, most: 6},
	}
}

// recur runs a recurrent layer over x [T, N, D]. gates are the places of dl's gates among those of ONNX.
func (c *call) recur(gates []int) []*dl.Tensor {
	x, w, r, g := c.in[0], c.in[1], c.in[2], len(gates)
	h := c.int("hidden_size", 0)
	direction := c.text("direction", "forward")
	directions := map[string]int{"forward": 1, "reverse": 1, "bidirectional": 2}[direction]
	switch {
	case directions == 0:
		c.fail("the direction %q is not known", direction)
	case c.int("layout", 0) != 0:
		c.fail("the layout with the batch first is not supported")
	case x.Rank() != 3 || h < 1 || h > limit/16 || !w.Shape().Equal(dl.Shape{directions, g * h, x.Dim(2)}) || !r.Shape().Equal(dl.Shape{directions, g * h, h}):
		c.fail("%v by %v and %v with a hidden size of %d", x.Shape(), w.Shape(), r.Shape(), h)
	case c.in[3] != nil && !c.in[3].Shape().Equal(dl.Shape{directions, 2 * g * h}):
		c.fail("biases of %v", c.in[3].Shape())
	case c.attr("clip") != nil, c.int("input_forget", 0) != 0, len(c.in) > 7 && c.in[7] != nil:
		c.fail("clip, input_forget and peepholes are not supported")
	}
	relu := false
	if a := c.attr("activations"); a != nil {
		for _, f := range a.strings {
			relu = relu || f == "Relu"
			if usual := f == "Sigmoid" && g > 1 || f == "Tanh" || f == "Relu" && g == 1; !usual {
				c.fail("the activations %q are not supported", a.strings)
			}
		}
	}
	var lengths []int
	if c.in[4] != nil {
		lengths = c.integers(4)
		if len(lengths) != x.Dim(1) {
			c.fail("%d lengths for %d sequences", len(lengths), x.Dim(1))
		}
	}
	ordered := func(t *dl.Tensor) *dl.Tensor { // the gates on axis 0
		var parts []*dl.Tensor
		for _, at := range gates {
			parts = append(parts, t.Slice(0, at*h, (at+1)*h))
		}
		return dl.Concat(0, parts...)
	}
	var outputs, hidden, cells []*dl.Tensor
	for d := range directions {
		o := dl.RecurrentOptions{Reverse: d == 1 || direction == "reverse", TimeMajor: true, Lengths: lengths, ReLU: relu}
		state := func(i int) *dl.Tensor {
			if i >= len(c.in) || c.in[i] == nil {
				return nil
			}
			if !c.in[i].Shape().Equal(dl.Shape{directions, x.Dim(1), h}) {
				c.fail("a state of %v", c.in[i].Shape())
			}
			return c.in[i].Index(d)
		}
		o.Hidden = state(5)
		weights, recurrent := ordered(w.Index(d)).T().Contiguous(), ordered(r.Index(d)).T().Contiguous()
		var b, second *dl.Tensor
		if c.in[3] != nil {
			b = ordered(c.in[3].Index(d).Slice(0, 0, g*h))
			second = ordered(c.in[3].Index(d).Slice(0, g*h, 2*g*h))
		}
		var y, last, cell *dl.Tensor
		switch g {
		case 4:
			o.Cell = state(6)
			if b != nil {
				b = b.Add(second)
			}
			y, last, cell = dl.LSTM(x, weights, recurrent, b, o)
			cells = append(cells, cell)
		case 3:
			if o.ResetBefore = c.int("linear_before_reset", 0) == 0; o.ResetBefore && b != nil {
				b = b.Add(second)
			} else {
				o.RecurrentBias = second
			}
			y, last = dl.GRU(x, weights, recurrent, b, o)
		default:
			if b != nil {
				b = b.Add(second)
			}
			y, last = dl.RNN(x, weights, recurrent, b, o)
		}
		outputs, hidden = append(outputs, y.Unsqueeze(1)), append(hidden, last.Unsqueeze(0))
	}
	result := []*dl.Tensor{dl.Concat(1, outputs...), dl.Concat(0, hidden...)}
	if cells != nil {
		for i := range cells {
			cells[i] = cells[i].Unsqueeze(0)
		}
		result = append(result, dl.Concat(0, cells...))
	}
	return result
}
