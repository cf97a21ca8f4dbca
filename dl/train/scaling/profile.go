package scaling

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"modelbook/dl"
)

// Cost is a time that grows with the samples it is for.
type Cost struct {
	Fixed  time.Duration // whatever the samples
	Sample time.Duration // for each
}

// Of is the time for so many samples.
func (c Cost) Of(samples int) time.Duration { return c.Fixed + time.Duration(samples)*c.Sample }

// String is such as "5.8ms + 350µs a sample".
func (c Cost) String() string { return fmt.Sprintf("%v + %v a sample", c.Fixed, c.Sample) }

// FitCost is the cost that fits measured times best: with the least squares of relative errors, neither part negative.
func FitCost(samples []int, took []time.Duration) Cost {
	const op = "scaling.FitCost"
	if len(samples) != len(took) || len(samples) < 2 {
		dl.PanicValue(op, "%d numbers of samples and %d times: two of both or more, and as many", len(samples), len(took))
	}
	// the weights 1/t² make errors relative
	var w, wx, wxx, wt, wxt float64
	differ := false
	for i, n := range samples {
		if n < 1 || took[i] <= 0 {
			dl.PanicValue(op, "%d samples in %v: both are more than 0", n, took[i])
		}
		differ = differ || n != samples[0]
		x, t := float64(n), took[i].Seconds()
		w, wx, wxx, wt, wxt = w+1/(t*t), wx+x/(t*t), wxx+x*x/(t*t), wt+1/t, wxt+x/t
	}
	if !differ {
		dl.PanicValue(op, "all times are of %d samples: give those of two different numbers", samples[0])
	}
	slope := (w*wxt - wx*wt) / (w*wxx - wx*wx)
	fixed := (wt - slope*wx) / w
	switch {
	case slope < 0:
		fixed, slope = wt/w, 0
	case fixed < 0:
		fixed, slope = 0, wxt/wxx
	}
	return Cost{Fixed: seconds(fixed), Sample: seconds(slope)}
}

// Profile is what a training takes on one node without others. Times are in nanoseconds in its JSON.
type Profile struct {
	Name    string // of the model
	Machine string // it was measured on
	Sample  string // what a sample is, such as "image"

	Alone    Cost          // a step of the node that trains alone
	Forward  Cost          // what a rank of several computes outside Backward: its batch, the loss, what it does for itself
	Backward Cost          // what it computes in Backward
	Update   time.Duration // the optimizer's step for the gradients whose work ranks share, of one rank alone
	Deviates float64       // the standard deviation of a rank's times, as a share of them: the others wait for the slowest
	Tensors  []Gradient    // the gradients in the order in which they are sent: the last layers first
}

// Gradient is that of one parameter.
type Gradient struct {
	Values  int     // 4 bytes each
	Ready   float64 // when it is complete, as a share of Backward
	Shared  bool    // ranks share the optimizer's work: each adds up a part, and sends new weights
	Width   int     // of a row, where it is that of a matrix
	Factors int     // rows for each sample in the matrices whose product it is, which may be sent in place of it; 0: none
}

// Bytes of all gradients.
func (p *Profile) Bytes() int {
	n := 0
	for _, g := range p.Tensors {
		n += 4 * g.Values
	}
	return n
}

func (p *Profile) check(op string) {
	if p == nil {
		dl.PanicValue(op, "the *Profile is nil; Measure or Load one")
	}
	if err := p.wrong(); err != nil {
		dl.PanicValue(op, "%v", err)
	}
}

func (p *Profile) wrong() error {
	for _, c := range []Cost{p.Alone, p.Forward, p.Backward, {Fixed: p.Update}} {
		if c.Fixed < 0 || c.Sample < 0 {
			return fmt.Errorf("a cost of %v and %v for each sample: not negative", c.Fixed, c.Sample)
		}
	}
	if p.Alone.Sample == 0 || p.Backward.Sample == 0 {
		return fmt.Errorf("samples take no time, alone %v and in Backward %v: both are more than 0", p.Alone.Sample, p.Backward.Sample)
	}
	if !(p.Deviates >= 0 && p.Deviates < 1) {
		return fmt.Errorf("times deviate by a share of %g: from 0 to 1", p.Deviates)
	}
	for _, g := range p.Tensors {
		if g.Values < 0 || g.Width < 0 || g.Factors < 0 || !(g.Ready >= 0 && g.Ready <= 1) {
			return fmt.Errorf("a gradient of %d values in rows of %d, with %d rows of factors, is ready at a share of %g: from 0 to 1, and numbers are not negative",
				g.Values, g.Width, g.Factors, g.Ready)
		}
	}
	return nil
}

// Faster is the profile of nodes that compute so many times as fast.
func (p *Profile) Faster(times float64) *Profile {
	const op = "scaling.Profile.Faster"
	p.check(op)
	if !positive(times) {
		dl.PanicValue(op, "%g times as fast: more than 0", times)
	}
	f := *p
	f.Machine = fmt.Sprintf("%g times as fast as: %s", times, p.Machine)
	for _, c := range []*Cost{&f.Alone, &f.Forward, &f.Backward} {
		c.Fixed, c.Sample = seconds(c.Fixed.Seconds()/times), time.Duration(math.Ceil(float64(c.Sample)/times))
	}
	f.Update = seconds(f.Update.Seconds() / times)
	return &f
}

// BucketValues is how many values package dist sends together, or those of one tensor that has more.
const BucketValues = 1 << 18

// Bucket is what is added up together.
type Bucket struct {
	Bytes int
	Ready float64  // when all of it is complete, as a share of Backward
	Alone Gradient // the gradient that it is, of one that goes by itself
}

// Buckets are what package dist sends, in its order: gradients are put together until they have [BucketValues], larger ones
// go by themselves, and what is left goes after Backward.
func (p *Profile) Buckets() []Bucket {
	var all []Bucket
	open := Bucket{}
	for _, g := range p.Tensors {
		if g.Values >= BucketValues {
			all = append(all, Bucket{4 * g.Values, g.Ready, g})
			continue
		}
		if open.Bytes+4*g.Values > 4*BucketValues {
			all = append(all, open)
			open = Bucket{}
		}
		open.Bytes += 4 * g.Values
		open.Ready = max(open.Ready, g.Ready)
	}
	// the last one also says which rank has which gradient, and which one stops
	return append(all, Bucket{Bytes: open.Bytes + 4*(len(p.Tensors)+1), Ready: 1})
}

// Load reads a profile from a file of [Profile.Save].
func Load(path string) (*Profile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("scaling: %w", err)
	}
	p := &Profile{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("scaling: %s is no profile: %w", path, err)
	}
	if err := p.wrong(); err != nil {
		return nil, fmt.Errorf("scaling: the profile %s: %w", path, err)
	}
	return p, nil
}

// Save writes the profile to a file, as JSON.
func (p *Profile) Save(path string) error {
	p.check("scaling.Profile.Save")
	data, err := json.MarshalIndent(p, "", "\t")
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o666)
	}
	if err != nil {
		return fmt.Errorf("scaling: %w", err)
	}
	return nil
}
