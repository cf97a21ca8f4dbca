package optim

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func parameter(values ...float32) *dl.Tensor { return dl.Of(values).RequireGrad() }

func near(t *testing.T, what string, p *dl.Tensor, want ...float64) {
	t.Helper()
	for i, v := range dl.Values[float64](p) {
		if math.Abs(v-want[i]) > 1e-6*(1+math.Abs(want[i])) {
			t.Errorf("%s: %v, want %v", what, p, want)
			return
		}
	}
}

// What an optimizer remembers belongs to the parameter, not to its place in the list.
func TestMemoryStaysWithItsParameter(t *testing.T) {
	a, b := parameter(0), parameter(0)
	o := &SGD{LearningRate: 0.1, Momentum: 0.9}
	give(a, []float32{1000})
	give(b, []float32{0})
	o.Step([]*dl.Tensor{a, b})
	give(b, []float32{0})
	o.Step([]*dl.Tensor{b}) // a is frozen
	near(t, "b without a gradient", b, 0)
	near(t, "a is left out", a, -100)
	give(a, []float32{0})
	o.Step([]*dl.Tensor{b, a})
	near(t, "a goes on with its velocity", a, -190)
}

func TestANewModelBeginsWithNoMemory(t *testing.T) {
	for name, make := range recordedOptimizers {
		fresh, again := make(), make()
		p, q := parameter(1, 2, 3), parameter(1, 2, 3)
		for range 5 {
			give(p, []float32{1, -2, 3})
			again.Step([]*dl.Tensor{p})
		}
		other := parameter(0, 0, 0, 0, 0) // of another shape, too
		give(other, []float32{1, 1, 1, 1, 1})
		give(q, []float32{1, 1, -1})
		again.Step([]*dl.Tensor{other, q})
		r := parameter(1, 2, 3)
		give(r, []float32{1, 1, -1})
		other2 := parameter(0, 0, 0, 0, 0)
		give(other2, []float32{1, 1, 1, 1, 1})
		fresh.Step([]*dl.Tensor{other2, r})
		if !slices.Equal(q.Float32s(), r.Float32s()) {
			t.Errorf("%s: %v, a new optimizer makes %v", name, q, r)
		}
	}
}

func TestParametersThatAreNoMoreAreForgotten(t *testing.T) {
	o := &Adam{}
	func() {
		for range 5 {
			p := parameter(1, 2)
			give(p, []float32{1, 1})
			o.Step([]*dl.Tensor{p})
		}
	}()
	for range 10 {
		runtime.GC()
	}
	p := parameter(1)
	give(p, []float32{1})
	o.Step([]*dl.Tensor{p})
	if n := len(o.Owners()); n != 1 {
		t.Errorf("%d parameters are remembered", n)
	}
	runtime.KeepAlive(p)
}

func TestATensorGivenTwiceIsOneParameter(t *testing.T) {
	for name, make := range recordedOptimizers {
		p, q := parameter(1), parameter(1)
		a, b := make(), make()
		for range 3 {
			give(p, []float32{2})
			a.Step([]*dl.Tensor{p, p})
			give(q, []float32{2})
			b.Step([]*dl.Tensor{q})
		}
		if p.Item() != q.Item() || len(a.(Keeper).Owners()) != 1 {
			t.Errorf("%s: %v, given once %v", name, p, q)
		}
	}
}

// PyTorch 1.13: torch.optim.Adam(rate 0.1) with a first gradient of 1 in step 10 moves 1 to 0.9.
func TestBiasIsCorrectedByTheParametersOwnSteps(t *testing.T) {
	for _, o := range []Optimizer{&Adam{LearningRate: 0.1}, &AdamW{LearningRate: 0.1, WeightDecay: -1}} {
		early, late := parameter(1), parameter(1)
		for step := range 10 {
			give(early, []float32{1})
			if step == 9 {
				give(late, []float32{1})
			}
			o.Step([]*dl.Tensor{early, late})
		}
		near(t, o.Name(), late, 0.9)
	}
}

func TestARateOfZeroIsZero(t *testing.T) {
	all := []Optimizer{&SGD{LearningRate: 0.1}, &Adam{LearningRate: 0.1}, &AdamW{}, &RMSprop{}}
	for _, make := range stepped {
		all = append(all, make())
	}
	for _, o := range all {
		o.SetRate(0)
		p := parameter(3)
		give(p, []float32{1})
		o.Step([]*dl.Tensor{p})
		if o.Rate() != 0 || p.Item() != 3 {
			t.Errorf("%s: rate %v moved 3 to %v", o.Name(), o.Rate(), p.Item())
		}
		state := o.State()
		o.SetRate(0.5)
		if err := o.SetState(state); err != nil || o.Rate() != 0 {
			t.Errorf("%s: rate %v after a state with rate 0, %v", o.Name(), o.Rate(), err)
		}
		if o.SetRate(0.5); o.State().Rate != 0.5 {
			t.Errorf("%s: rate %v", o.Name(), o.Rate())
		}
	}
	// Beta1 of 0 is written as a negative number: the first step of Adam is then g/|g| in every step.
	p, o := parameter(0), &Adam{LearningRate: 1, Beta1: -1, Beta2: -1, Epsilon: -1}
	for _, g := range []float32{5, -3, 8} {
		give(p, []float32{g})
		o.Step([]*dl.Tensor{p})
	}
	near(t, "signs", p, -1)
}

func TestMomentumMayBeAddedLater(t *testing.T) {
	p, sgd := parameter(0), &SGD{LearningRate: 0.1}
	give(p, []float32{1})
	sgd.Step([]*dl.Tensor{p})
	sgd.Momentum = 0.9
	for range 2 {
		give(p, []float32{1})
		sgd.Step([]*dl.Tensor{p})
	}
	near(t, "SGD", p, -0.1-0.1-0.19)
	q, rms := parameter(0), &RMSprop{}
	for _, rms.Momentum = range []float64{0, 0.9, 0.9, 0} {
		give(q, []float32{1})
		rms.Step([]*dl.Tensor{q})
	}
	if math.IsNaN(q.Item()) {
		t.Error("RMSprop")
	}
}

func TestClippingWhatHasNoNorm(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name string
		clip Clip
		bad  float32
		want []float64 // nil: an error, and nothing is changed
	}{
		{"norm, infinite", Clip{Norm: 1}, inf, nil},
		{"norm, NaN", Clip{Norm: 1}, nan, nil},
		{"own norm, infinite", Clip{ParameterNorm: 1}, inf, nil},
		{"value, NaN", Clip{Value: 1}, nan, nil},
		{"value, infinite", Clip{Value: 1}, inf, []float64{0, -1}},
	} {
		p, q := parameter(1, 0), parameter(1)
		give(p, []float32{1, c.bad})
		give(q, []float32{0.5})
		o := &SGD{LearningRate: 1, Clip: c.clip}
		err := dl.Try(func() { o.Step([]*dl.Tensor{q, p}) })
		if c.want != nil {
			near(t, c.name, p, c.want...)
			continue
		}
		var value *dl.ValueError
		if !errors.As(err, &value) || !strings.Contains(err.Error(), "parameter 1") {
			t.Errorf("%s: error %v", c.name, err)
		}
		near(t, c.name, p, 1, 0)
		near(t, c.name, q, 1)
	}
}

func TestEachGradientMayBeClippedByItself(t *testing.T) {
	p, q := parameter(0, 0), parameter(0)
	give(p, []float32{30, 40})
	give(q, []float32{0.5})
	o := &SGD{LearningRate: 1, Clip: Clip{ParameterNorm: 5}}
	o.Step([]*dl.Tensor{p, q})
	near(t, "clipped", p, -3, -4)
	near(t, "small", q, -0.5)
}

func TestGroupsAreClippedByThemselves(t *testing.T) {
	a, b, c := parameter(0, 0), parameter(0), parameter(0)
	o := &SGD{LearningRate: 1, Clip: Clip{Norm: 5}, Groups: []Group{
		{Parameters: []*dl.Tensor{b}, Clip: Clip{Value: 0.5}},
		{Parameters: []*dl.Tensor{c}, RateFactor: 0.1}}}
	for range 2 {
		give(a, []float32{30, 0})
		give(b, []float32{100})
		give(c, []float32{40})
		o.Step([]*dl.Tensor{a, b, c})
	}
	near(t, "the others", a, -6, 0)
	near(t, "by itself", b, -1)
	near(t, "a group without", c, -0.8)
	text, err := o.Groups[0].MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Group
	if err := again.UnmarshalBinary(text); err != nil || again.Clip.Value != 0.5 {
		t.Errorf("%s becomes %+v, %v", text, again, err)
	}
	give(b, []float32{float32(math.NaN())})
	give(a, []float32{1, 1})
	if err := dl.Try(func() { o.Step([]*dl.Tensor{a, b, c}) }); err == nil {
		t.Error("NaN is clipped")
	}
	near(t, "after NaN", a, -6, 0)
}

func TestGroupsHaveTheirOwnRateAndDecay(t *testing.T) {
	a, b, c := parameter(1), parameter(1), parameter(1)
	o := &SGD{LearningRate: 0.1, WeightDecay: 1, Groups: []Group{
		{Parameters: []*dl.Tensor{b}, RateFactor: 0.1},
		{Parameters: []*dl.Tensor{c}, WeightDecay: -1}}}
	for _, p := range []*dl.Tensor{a, b, c} {
		give(p, []float32{2})
	}
	o.Step([]*dl.Tensor{a, b, c})
	near(t, "the others", a, 1-0.1*3)
	near(t, "a tenth of the rate", b, 1-0.01*3)
	near(t, "no decay", c, 1-0.1*2)
	err := dl.Try(func() { o.Step([]*dl.Tensor{a, b}) })
	if err == nil || !strings.Contains(err.Error(), "group 1 is not among") {
		t.Errorf("a group that is not there: %v", err)
	}
	c.SetRequiresGrad(false) // frozen
	o.Step([]*dl.Tensor{a, b})
}

func TestAStateIsOfItsParameters(t *testing.T) {
	p, q := parameter(1, 2), parameter(3)
	o := &Adam{}
	for range 3 {
		give(p, []float32{1, 1})
		give(q, []float32{1})
		o.Step([]*dl.Tensor{p, q})
	}
	for name, given := range map[string][]*dl.Tensor{"fewer": {p}, "others": {q, p}, "more": {p, q, parameter(1)}} {
		again := &Adam{}
		if err := again.SetState(o.State()); err != nil {
			t.Fatal(err)
		}
		if err := dl.Try(func() { again.Step(given) }); err == nil || !strings.Contains(err.Error(), "optim.Adam") {
			t.Errorf("%s: %v", name, err)
		}
	}
	again := &Adam{}
	if err := again.SetState(o.State()); err != nil {
		t.Fatal(err)
	}
	if err := again.SetOwners([]*dl.Tensor{q, p}); err == nil || again.Owners() != nil {
		t.Errorf("owners of other shapes: %v", err)
	}
	if err := again.SetOwners([]*dl.Tensor{p, q}); err != nil || !slices.Equal(again.Owners(), []*dl.Tensor{p, q}) {
		t.Errorf("owners: %v %v", again.Owners(), err)
	}
}

func TestSchedulesWithoutStepsAreRefused(t *testing.T) {
	for _, s := range []Schedule{Cosine{}, Step{Gamma: 0.5}, Exponential{Every: 10}, Exponential{Gamma: 0.5}, Step{Every: -1}} {
		if err := dl.Try(func() { s.Factor(3) }); err == nil {
			t.Errorf("%+v has the factor %v", s, s.Factor(3))
		}
	}
	if got := (Step{Every: 1}).Factor(2); math.Abs(got-0.01) > 1e-15 { // PyTorch's gamma
		t.Errorf("factor %v", got)
	}
}

// The parameters of groups are kept with the state: by their numbers, which SetOwners or the first step relate to
// tensors, so that a training with other tensors of the same model goes on with the same groups.
func TestGroupsAreKept(t *testing.T) {
	for name, make := range map[string]func(groups []Group) Keeper{
		"SGD":     func(g []Group) Keeper { return &SGD{LearningRate: 0.1, Momentum: 0.9, Groups: g} },
		"Adam":    func(g []Group) Keeper { return &Adam{LearningRate: 0.1, Groups: g} },
		"AdamW":   func(g []Group) Keeper { return &AdamW{LearningRate: 0.1, Groups: g} },
		"RMSprop": func(g []Group) Keeper { return &RMSprop{LearningRate: 0.1, Groups: g} },
	} {
		step := func(o Optimizer, ps []*dl.Tensor) {
			for i, p := range ps {
				give(p, []float32{float32(i + 1)})
			}
			o.Step(ps)
		}
		for _, before := range []int{0, 2} { // steps before the state is taken
			ps := []*dl.Tensor{parameter(1), parameter(2), parameter(3)}
			groups := []Group{{Parameters: ps[2:], RateFactor: 0.1}, {Parameters: ps[:1], WeightDecay: 0.5}}
			o := make(groups)
			o.State() // looking changes nothing
			for range before {
				step(o, ps)
			}
			// What a session keeps of the groups, and of the parameters.
			written := []Group{}
			for _, g := range groups {
				b, err := g.MarshalBinary()
				if err != nil {
					t.Fatal(err)
				}
				var again Group
				if err := again.UnmarshalBinary(b); err != nil || again.RateFactor != g.RateFactor || again.WeightDecay != g.WeightDecay || again.Parameters != nil {
					t.Fatalf("%+v becomes %+v, %v", g, again, err)
				}
				written = append(written, again)
			}
			var copies, owners []*dl.Tensor
			for _, p := range ps {
				copies = append(copies, p.Detach().Clone().RequireGrad())
			}
			for _, p := range o.Owners() {
				owners = append(owners, copies[slices.Index(ps, p)])
			}
			loaded := make(written)
			if err := loaded.SetState(o.State()); err != nil {
				t.Fatal(err)
			}
			if s := loaded.State(); before > 0 && !slices.Equal(s.Groups[0], []int{2}) { // saved again before it is used
				t.Errorf("%s: groups %v", name, s.Groups)
			}
			if before == 0 {
				if err := loaded.SetOwners(owners); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				step(o, ps)
				step(loaded, copies)
			}
			for i := range ps {
				if ps[i].Item() != copies[i].Item() {
					t.Errorf("%s after %d steps: parameter %d is %v, goes on as %v", name, before, i, ps[i].Item(), copies[i].Item())
				}
			}
		}
	}
	for _, groups := range [][][]int{{{0, 3}}, {{-1}}} {
		s := State{Optimizer: "SGD", Steps: []int{1, 1, 1}, Groups: groups}
		if err := new(SGD).SetState(s); err == nil {
			t.Errorf("groups of %v are taken", groups)
		}
	}
	if err := new(Group).UnmarshalBinary([]byte("{")); err == nil {
		t.Error("a damaged group is taken")
	}
}

// Groups of an optimizer without a Trainer that was saved before its first step find their parameters by name, among
// all that the first step is given.
func TestGroupsSavedBeforeTheFirstStep(t *testing.T) {
	named := func() (ps []*dl.Tensor) {
		for _, name := range []string{"dense.weight", "dense.bias", "out.weight"} {
			ps = append(ps, parameter(1).SetName(name))
		}
		return ps
	}
	step := func(o Optimizer, ps []*dl.Tensor) {
		for _, p := range ps {
			give(p, []float32{1})
		}
		o.Step(ps)
	}
	ps, copies := named(), named()
	o := &SGD{LearningRate: 0.5, Momentum: 0.9, Groups: []Group{{Parameters: []*dl.Tensor{ps[2], ps[1]}, RateFactor: 0.1}, {Parameters: ps[:1], RateFactor: 0.01}}}
	loaded := &SGD{LearningRate: 0.5, Momentum: 0.9, Groups: []Group{{RateFactor: 0.1}, {RateFactor: 0.01}}}
	if err := loaded.SetState(o.State()); err != nil {
		t.Fatal(err)
	}
	if err := loaded.SetState(loaded.State()); err != nil { // saved again before it is used
		t.Fatal(err)
	}
	for range 2 {
		step(o, ps)
		step(loaded, copies)
	}
	for i, p := range ps {
		if p.Item() != copies[i].Item() {
			t.Errorf("parameter %d is %v, goes on as %v", i, p.Item(), copies[i].Item())
		}
	}
	if g := loaded.Groups; !slices.Equal(g[0].Parameters, []*dl.Tensor{copies[2], copies[1]}) || !slices.Equal(g[1].Parameters, copies[:1]) {
		t.Errorf("the groups have %v", g)
	}
	// Without names, or with the same ones, nobody knows which parameters these are.
	for _, rename := range []string{"", "dense.weight"} {
		copies := named()
		for _, p := range copies {
			p.SetName(rename)
		}
		fresh := &SGD{Groups: []Group{{Parameters: copies[1:2]}}}
		loaded := &SGD{Groups: []Group{{RateFactor: 0.1}}}
		if err := loaded.SetState(fresh.State()); err != nil {
			t.Fatal(err)
		}
		if err := dl.Try(func() { step(loaded, copies) }); err == nil || !strings.Contains(err.Error(), "set the Parameters of the Groups") {
			t.Errorf("names %q: %v", rename, err)
		}
		loaded.Groups[0].Parameters = copies[1:2]
		step(loaded, copies)
	}
	s := State{Optimizer: "SGD", Steps: []int{1, 1}, Names: []string{"a"}}
	if err := new(SGD).SetState(s); err == nil {
		t.Error("a state with a name too few is taken")
	}
}
