package text

import "fmt"

func (c *compiler) put(in instruction) int {
	c.code = append(c.code, in)
	return len(c.code) - 1
}

// emit writes the instructions of a part.
func (c *compiler) emit(n node) error {
	if c.work++; c.work > 4*maxInstructions || len(c.code) > maxInstructions {
		return fmt.Errorf("is larger than %d instructions", maxInstructions)
	}
	switch n.do {
	case oneLetter:
		c.put(instruction{do: takeLetter, set: n.set})
	case assertion:
		c.put(instruction{do: n.assert})
	case sequence:
		for _, p := range n.parts {
			if err := c.emit(p); err != nil {
				return err
			}
		}
	case oneOf:
		var ends []int
		for i, p := range n.parts {
			fork := -1
			if i < len(n.parts)-1 {
				fork = c.put(instruction{do: either})
				c.code[fork].x = fork + 1
			}
			if err := c.emit(p); err != nil {
				return err
			}
			if fork >= 0 {
				ends = append(ends, c.put(instruction{do: jump}))
				c.code[fork].y = len(c.code)
			}
		}
		for _, e := range ends {
			c.code[e].x = len(c.code)
		}
	case lookahead, atomicGroup:
		return c.inner(n.parts[0], map[nodeKind]operation{lookahead: look, atomicGroup: atomicRun}[n.do], n.not)
	case repeat:
		if n.possessive {
			n.possessive = false
			return c.inner(n, atomicRun, false)
		}
		return c.emitRepeat(n)
	}
	return nil
}

// inner writes a part that is matched on its own.
func (c *compiler) inner(n node, do operation, not bool) error {
	at := c.put(instruction{do: do, not: not})
	c.code[at].x = at + 1
	if err := c.emit(n); err != nil {
		return err
	}
	c.put(instruction{do: accept})
	c.code[at].y = len(c.code)
	return nil
}

func (c *compiler) emitRepeat(n node) error {
	part := n.parts[0]
	for range n.min {
		if err := c.emit(part); err != nil {
			return err
		}
	}
	fork := func() int { return c.put(instruction{do: either}) }
	set := func(at, inside, after int) {
		c.code[at].x, c.code[at].y = inside, after
		if n.lazy {
			c.code[at].x, c.code[at].y = after, inside
		}
	}
	if n.max < 0 {
		at := fork()
		if err := c.emit(part); err != nil {
			return err
		}
		c.put(instruction{do: jump, x: at})
		set(at, at+1, len(c.code))
		return nil
	}
	var forks []int
	for range n.max - n.min {
		forks = append(forks, fork())
		if err := c.emit(part); err != nil {
			return err
		}
	}
	for _, at := range forks {
		set(at, at+1, len(c.code))
	}
	return nil
}
