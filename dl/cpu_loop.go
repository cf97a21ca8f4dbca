package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
)

// A loop is an elementwise operation under way: on a result, s[0], and up to
// three operands.
type loop struct {
	walk
	s      [4]*storage
	run    func(j *loop, lo, hi int)
	whole  bool // there is one row, of which the threads take parts
	add    bool // to the result
	second bool // the derivative by the second operand
	rule   *pairRule
	one    *rule // of one operand
	p      params
	order  ordering
}

// over runs the operation on all threads.
func (j *loop) over(run func(j *loop, lo, hi int)) {
	j.run = run
	n, _ := j.inner()
	rows := j.rows()
	if j.whole = rows == 1; j.whole {
		n, rows = 1, n
	}
	parallel.Run(rows, max(1, 1<<14/max(n, 1)), j)
	j.release()
}

// part returns the beginning of the first row of a part, how many rows it has
// and how long they are.
func (j *loop) part(lo, hi int) (c cursor, rows, n int) {
	n, steps := j.inner()
	if !j.whole {
		return j.start(lo), hi - lo, n
	}
	c = j.start(0)
	for k := range c.at {
		c.at[k] += lo * steps[k]
	}
	return c, 1, hi - lo
}

func (j *loop) release() {
	*j = loop{}
	loops.Put(j)
}

func (j *loop) Range(lo, hi int) { j.run(j, lo, hi) }

var loops = sync.Pool{New: func() any { return new(loop) }}
