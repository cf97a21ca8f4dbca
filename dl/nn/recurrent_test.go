package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	subjects := map[string]any{
		"LSTM":                             LSTM{Units: 3},
		"LSTM of 2 layers, sequences":      LSTM{Units: 3, Layers: 2, ReturnSequences: true},
		"LSTM bidirectional":               LSTM{Units: 3, Bidirectional: true},
		"LSTM backwards":                   LSTM{Units: 3, GoBackwards: true, ReturnSequences: true},
		"GRU":                              GRU{Units: 3},
		"GRU of 2 layers, sequences":       GRU{Units: 3, Layers: 2, ReturnSequences: true},
		"GRU bidirectional":                GRU{Units: 3, Bidirectional: true},
		"GRU backwards":                    GRU{Units: 3, GoBackwards: true, ReturnSequences: true},
		"SimpleRNN":                        SimpleRNN{Units: 3},
		"SimpleRNN of 2 layers, sequences": SimpleRNN{Units: 3, Layers: 2, ReturnSequences: true},
		"SimpleRNN bidirectional":          SimpleRNN{Units: 3, Bidirectional: true},
		"SimpleRNN backwards":              SimpleRNN{Units: 3, GoBackwards: true, ReturnSequences: true},
		"SimpleRNN with ReLU":              SimpleRNN{Units: 3, Activation: ReLU},
		"Masking":                          kinked{Masking{}, "a step of zeros stops being padding with the least difference"},
		"LSTM of 2 layers, bidirectional, lengths, states": with(LSTM{Units: 3, Layers: 2, Bidirectional: true}, func(l *LSTM, x []*dl.Tensor) []*dl.Tensor {
			y, end := l.Sequence(x[0], SequenceOptions{Lengths: []int{4, 3, 1}, State: RecurrentState{Hidden: x[1], Cell: x[2]}})
			return []*dl.Tensor{y, end.Hidden, end.Cell}
		}),
		"GRU of 2 layers, bidirectional, lengths, states": with(GRU{Units: 3, Layers: 2, Bidirectional: true}, func(l *GRU, x []*dl.Tensor) []*dl.Tensor {
			y, end := l.Sequence(x[0], SequenceOptions{Lengths: []int{4, 3, 1}, State: RecurrentState{Hidden: x[1]}})
			return []*dl.Tensor{y, end.Hidden}
		}),
	}
	subjects["LSTM projected"] = LSTM{Units: 3, ProjectionSize: 2}
	subjects["LSTM projected, of 2 layers, bidirectional, lengths, states"] = with(LSTM{Units: 3, ProjectionSize: 2, Layers: 2, Bidirectional: true},
		func(l *LSTM, x []*dl.Tensor) []*dl.Tensor {
			y, end := l.Sequence(x[0], SequenceOptions{Lengths: []int{4, 3, 1}, State: RecurrentState{Hidden: x[1], Cell: x[2]}})
			return []*dl.Tensor{y, end.Hidden, end.Cell}
		})
	for name, subject := range map[string]any{
		"LSTMCell": LSTMCell{Units: 3}, "GRUCell": GRUCell{Units: 3}, "SimpleRNNCell": SimpleRNNCell{Units: 3},
		"LSTMCell with states": with(LSTMCell{Units: 3}, func(l *LSTMCell, x []*dl.Tensor) []*dl.Tensor {
			end := l.Step(x[0], RecurrentState{Hidden: x[1], Cell: x[2]})
			return []*dl.Tensor{end.Hidden, end.Cell}
		}),
		"GRUCell with states": with(GRUCell{Units: 3}, func(l *GRUCell, x []*dl.Tensor) []*dl.Tensor {
			return []*dl.Tensor{l.Step(x[0], RecurrentState{Hidden: x[1]}).Hidden}
		}),
		"SimpleRNNCell with states": with(SimpleRNNCell{Units: 3}, func(l *SimpleRNNCell, x []*dl.Tensor) []*dl.Tensor {
			return []*dl.Tensor{l.Step(x[0], RecurrentState{Hidden: x[1]}).Hidden}
		}),
		"Bidirectional":                  Bidirectional{Layer: GRU{Units: 3}},
		"Bidirectional sum of sequences": Bidirectional{Layer: GRU{Units: 3, ReturnSequences: true}, Merge: MergeSum},
		"Bidirectional product":          Bidirectional{Layer: GRU{Units: 3}, Merge: MergeMul},
		"Bidirectional mean":             Bidirectional{Layer: GRU{Units: 3}, Backward: GRU{Units: 3, GoBackwards: true}, Merge: MergeMean},

		"Embedding Padding":               kinked{Embedding{Vocabulary: 5, Units: 3, Padding: []int{0}}, "vectors of padding are not trained"},
		"Embedding MaxNorm":               kinked{Embedding{Vocabulary: 5, Units: 3, MaxNorm: 0.9}, "the table itself is shortened"},
		"Embedding MaxNorm of the norm 1": kinked{Embedding{Vocabulary: 5, Units: 3, MaxNorm: 1.2, NormType: 1}, "the table itself is shortened"},
		"EmbeddingBag mean":               EmbeddingBag{Vocabulary: 5, Units: 3},
		"EmbeddingBag sum":                EmbeddingBag{Vocabulary: 5, Units: 3, Mode: SumBag},
		"EmbeddingBag max":                EmbeddingBag{Vocabulary: 5, Units: 3, Mode: MaxBag},
		"EmbeddingBag mean, Padding":      EmbeddingBag{Vocabulary: 5, Units: 3, Padding: []int{0}},
		"EmbeddingBag sum, Padding":       EmbeddingBag{Vocabulary: 5, Units: 3, Mode: SumBag, Padding: []int{0}},
		"EmbeddingBag max, Padding":       EmbeddingBag{Vocabulary: 5, Units: 3, Mode: MaxBag, Padding: []int{0}},
		"EmbeddingBag of weights": with(EmbeddingBag{Vocabulary: 5, Units: 3, Mode: SumBag}, func(e *EmbeddingBag, x []*dl.Tensor) []*dl.Tensor {
			return []*dl.Tensor{e.Weighted(x[0], x[1])}
		}),
	} {
		subjects[name] = subject
	}
	area("recurrent", subjects)
}

// A mask that Masking makes reaches the layers behind it: padding changes nothing.
func TestMasksReachRecurrentLayers(t *testing.T) {
	m, err := Sequential(dl.Shape{5, 3}, Masking{Value: -1}, LayerNorm{}, GRU{Units: 4, ReturnSequences: true}, LSTM{Units: 4, Bidirectional: true}, Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	short := dl.NewRand(1).Normals(0, 1, 2, 3, 3)
	padded := dl.Full(-1, 2, 5, 3)
	padded.Slice(1, 0, 3).CopyFrom(short)
	want, got := m.Forward(short), m.Forward(padded)
	if !got.AllClose(want, 1e-5, 1e-6) {
		t.Errorf("with padding %v, without %v", got, want)
	}
	if got := m.Logits(padded); !got.AllClose(want, 1e-5, 1e-6) {
		t.Errorf("the logits with padding %v, without %v", got, want)
	}
	if got := m.Predict(padded); !got.AllClose(want, 1e-5, 1e-6) {
		t.Errorf("predicted with padding %v, without %v", got, want)
	}
}

// A Stateful layer goes on where the last batch ended.
func TestStatefulLayersGoOn(t *testing.T) {
	x := dl.NewRand(1).Normals(0, 1, 2, 6, 3)
	for _, layers := range []func(stateful bool) Layer{
		func(s bool) Layer { return LSTM{Units: 4, Layers: 2, Stateful: s} },
		func(s bool) Layer { return GRU{Units: 4, Stateful: s} },
		func(s bool) Layer { return SimpleRNN{Units: 4, Bidirectional: false, Stateful: s} },
	} {
		dl.Seed(1)
		whole, err := Sequential(dl.Shape{6, 3}, layers(false))
		if err != nil {
			t.Fatal(err)
		}
		dl.Seed(1)
		parts, err := Sequential(dl.Shape{6, 3}, layers(true))
		if err != nil {
			t.Fatal(err)
		}
		want := whole.Predict(x)
		for range 2 {
			a := dl.NewArena()
			a.Run(func() { parts.Forward(x.Slice(1, 0, 2)) })
			parts.Predict(x.Slice(1, 2, 5))
			if got := parts.Forward(x.Slice(1, 5, 6)); !got.AllClose(want, 1e-5, 1e-6) {
				t.Errorf("in parts %v, as a whole %v", got, want)
			}
			if err := dl.Try(func() { parts.Forward(x.Slice(0, 0, 1)) }); err == nil || !strings.Contains(err.Error(), "ResetState") {
				t.Errorf("a batch of another size: %v", err)
			}
			parts.Layers[0].(interface{ ResetState() }).ResetState()
		}
	}
}

// Dropout between layers is there in training only, and repeats with the seed.
func TestRecurrentDropout(t *testing.T) {
	m, err := Sequential(dl.Shape{4, 3}, LSTM{Units: 5, Layers: 2, Dropout: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	x := dl.NewRand(1).Normals(0, 1, 2, 4, 3)
	use := m.Forward(x)
	SetTraining(m, true)
	draw := func() *dl.Tensor {
		SetRand(m, dl.NewRand(7))
		return m.Forward(x)
	}
	first := draw()
	if !draw().Equal(first) || first.Equal(use) {
		t.Errorf("in training %v, again %v, in use %v", first, draw(), use)
	}
	if !m.Predict(x).Equal(use) {
		t.Error("Predict drops")
	}
}

func TestRecurrentBeginnings(t *testing.T) {
	l := Build(LSTM{Units: 4}, 3, 8)
	if got := dl.Values[float64](l.Weights[0].Bias.Value); got[0] != 0 || got[4] != 1 || got[7] != 1 || got[8] != 0 {
		t.Errorf("the biases begin as %v", got)
	}
	if got := Build(LSTM{Units: 4, ZeroForgetBias: true}, 3, 8).Weights[0].Bias.Value.Abs().Sum().Item(); got != 0 {
		t.Errorf("without 1 in the forget gates there is %v", got)
	}
	u := l.Weights[0].Recurrent.Value
	if got := u.MatMul(u.T()); !got.AllClose(dl.Eye(4), 1e-4, 1e-5) {
		t.Errorf("the rows of the recurrent weights are not orthogonal: %v", got)
	}
	for want, layer := range map[string]Layer{
		"give the number of values of a state": LSTM{},
		"from 0 to below 1":                    GRU{Units: 2, Dropout: 1},
		"leave out GoBackwards":                GRU{Units: 2, Bidirectional: true, GoBackwards: true},
		"Layers is -1":                         LSTM{Units: 2, Layers: -1},
		"RecurrentDropout is -1":               SimpleRNN{Units: 2, RecurrentDropout: -1},
		"from 1 to below Units, 2":             LSTM{Units: 2, ProjectionSize: 2},
		"must be Tanh":                         SimpleRNN{Units: 2, Activation: Sigmoid},
	} {
		if _, err := Sequential(dl.Shape{4, 3}, layer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %q", layer, err, want)
		}
	}
	if _, err := Sequential(dl.Shape{4}, LSTM{Units: 2}); err == nil || !strings.Contains(err.Error(), "sequence") {
		t.Errorf("of flat samples: %v", err)
	}
	if err := dl.Try(func() { (&LSTM{}).Forward(dl.Ones(1, 2, 3)) }); err == nil || !strings.Contains(err.Error(), "no parameters yet") {
		t.Errorf("not built: %v", err)
	}
	if err := dl.Try(func() {
		l.Sequence(dl.Ones(2, 3, 8), SequenceOptions{State: RecurrentState{Hidden: dl.Ones(2, 2, 4)}})
	}); err == nil || !strings.Contains(err.Error(), "[1 2 4]") {
		t.Errorf("a state of another shape: %v", err)
	}
}

// Steps one by one compute what the fused cells do, when nothing is dropped or projected.
func TestStepwiseIsTheFusedLayer(t *testing.T) {
	x, mask := dl.NewRand(1).Normals(0, 1, 3, 4, 2), dl.Of([]bool{true, true, false, true, false, false, true, true, true, true, true, true}, 3, 4)
	for _, layer := range []Layer{LSTM{Units: 3}, LSTM{Units: 3, NoBias: true, GoBackwards: true}, GRU{Units: 3}, GRU{Units: 3, GoBackwards: true},
		GRU{Units: 3, ResetBefore: true}, GRU{Units: 3, NoBias: true}, SimpleRNN{Units: 3}, SimpleRNN{Units: 3, Activation: ReLU}} {
		m, err := Sequential(dl.Shape{4, 2}, layer)
		if err != nil {
			t.Fatal(err)
		}
		var s *stack
		switch l := m.Layers[0].(type) {
		case *LSTM:
			s = &l.stack
		case *GRU:
			s = &l.stack
		case *SimpleRNN:
			s = &l.stack
		}
		for _, o := range []dl.RecurrentOptions{{}, {Mask: mask}, {Lengths: []int{4, 0, 2}}, {Hidden: x.Select(1, 0).MatMul(dl.Ones(2, 3))}} {
			o.TimeMajor, o.Reverse, o.ResetBefore, o.ReLU = true, s.backwards, s.resetBefore, s.relu
			y, h, c := s.one(x.Transpose(1, 0, 2), s.weights[0], o, nil)
			gotY, gotH, gotC := s.stepwise(x.Transpose(1, 0, 2), s.weights[0], o, nil)
			if !gotY.AllClose(y, 1e-5, 1e-6) || !gotH.AllClose(h, 1e-5, 1e-6) || c != nil && !gotC.AllClose(c, 1e-5, 1e-6) {
				t.Errorf("%T of %v: %v, want %v", layer, o, gotY, y)
			}
		}
	}
}

// Recurrent dropout hides the same part of the states from the products at all steps, in training only.
func TestRecurrentDropoutOfStates(t *testing.T) {
	const rate = 0.5
	x := dl.NewRand(1).Normals(0, 1, 2, 4, 3)
	for _, layer := range []Layer{LSTM{Units: 5, RecurrentDropout: rate}, GRU{Units: 5, RecurrentDropout: rate}, SimpleRNN{Units: 5, RecurrentDropout: rate}} {
		m, err := Sequential(dl.Shape{4, 3}, layer)
		if err != nil {
			t.Fatal(err)
		}
		use := m.Forward(x)
		SetTraining(m, true)
		SetRand(m, dl.NewRand(7))
		got := m.Forward(x)
		keep := dl.Dropout(dl.Ones(2, 5), rate, dl.NewRand(7))
		if got.Equal(use) {
			t.Errorf("%T drops nothing", layer)
		}
		if !m.Predict(x).Equal(use) {
			t.Errorf("%T: Predict drops", layer)
		}
		if rnn, ok := m.Layers[0].(*SimpleRNN); ok { // by hand
			h := dl.Zeros(2, 5)
			for step := range 4 {
				w := rnn.Weights[0]
				h = x.Select(1, step).MatMul(w.Weight.Value).Add(h.Mul(keep).MatMul(w.Recurrent.Value)).Add(w.Bias.Value).Tanh()
			}
			if !got.AllClose(h, 1e-5, 1e-6) {
				t.Errorf("dropped %v, want %v", got, h)
			}
		}
		if lstm, ok := m.Layers[0].(*LSTM); ok { // the cell sees the part that is kept
			c := Build(LSTMCell{Units: 5}, 3)
			c.Weights, c.weights = lstm.Weights[0], lstm.Weights
			state := RecurrentState{Hidden: dl.Zeros(2, 5)}
			for step := range 4 {
				state.Hidden = state.Hidden.Mul(keep)
				state = c.Step(x.Select(1, step), state)
			}
			if !got.AllClose(state.Hidden, 1e-5, 1e-6) {
				t.Errorf("dropped %v, want %v", got, state.Hidden)
			}
		}
	}
}
