//go:build client

package notebooks

import (
	"strings"
	"testing"
)

// The notebooks that need no training to speak of, through nbconvert: every cell runs, and
// the outputs say what the text around them promises.
func TestClientTeachingNotebooks(t *testing.T) {
	for _, c := range []struct {
		name  string
		says  []string
		shows int // PNGs
	}{
		{"first_steps.ipynb", []string{"17984 primes below 200,000", "Nairobi      6322 people", "as expected: strconv.Atoi", "0 1 4 9 16", "1 passed", "per loop", "dy/dx: tensor([2., 4., 6.]"}, 2},
		{"gradients_by_hand.ipynb", []string{"by the rule        1.972602", "by the library     1.972602", "w = 1.45, b = -0.92", "dL/dW1[0,0]: by hand 0.06517706, by the definition 0.06517706",
			"297 of 300 points on the right side", "step 5: Newton 0.693147181"}, 5},
		{"a_model_that_does_not_learn.ipynb", []string{"the loss became NaN", "a NaN was born in the gradient", "200 tensor([[-1.,  1.]]"}, 9},
		{"parts_of_your_own.ipynb", []string{"differences: <nil>", "undecided", "apart", "dtype=float64, requires_grad"}, 3},
		{"steering_a_training.ipynb", []string{"learning rate 0.1", ", paused", "dense_1.weight", "VBox(children=2 widgets)", "stopped: Stop was called", "optimizer and metrics"}, 7},
	} {
		nb := converted(t, copied(t, c.name), 300)
		nb.check(t)
		for _, want := range c.says {
			if !strings.Contains(nb.text(), want) {
				t.Errorf("%s: no output says %q", c.name, want)
			}
		}
		if n := nb.images("image/png"); n != c.shows {
			t.Errorf("%s: %d outputs with a PNG, want %d", c.name, n, c.shows)
		}
	}
}
