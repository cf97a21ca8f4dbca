package train

import (
	"context"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// translator is a module of one's own with two inputs, a source and a target.
type translator struct {
	Source, Target *nn.Embedding
	Positions      *nn.SinusoidalEmbedding
	Both           *nn.Transformer
	Out            *nn.Dense
}

func (m *translator) Parameters() []*nn.Parameter { return nn.ParametersOf(m) }

// Logits are those of the tokens behind each of the target.
func (m *translator) Logits(source, target *dl.Tensor) *dl.Tensor {
	memory, x := m.Positions.Forward(m.Source.Forward(source)), m.Positions.Forward(m.Target.Forward(target))
	return m.Out.Forward(m.Both.Call(memory, x, nil, nil))
}

// A Trainer with a Step trains a transformer of two inputs to write digits backwards, and a decoder with caches writes
// them one by one.
func TestATransformerLearnsToWriteBackwards(t *testing.T) {
	const digits, length, start, units = 5, 4, 5, 32
	dl.Seed(1)
	m := &translator{
		Source: nn.Build(nn.Embedding{Vocabulary: digits, Units: units, WeightInit: nn.Normal{StdDev: 1}}, length),
		Target: nn.Build(nn.Embedding{Vocabulary: digits + 1, Units: units, WeightInit: nn.Normal{StdDev: 1}}, length),
		Out:    nn.Build(nn.Dense{Units: digits}, length, units), Positions: nn.Build(nn.SinusoidalEmbedding{}, length, units),
		Both: nn.Build(nn.Transformer{
			Encoder: nn.TransformerEncoder{Layer: nn.TransformerEncoderLayer{Heads: 4, Hidden: 64, NormFirst: true, Dropout: 0.02}, Layers: 1, FinalNorm: true},
			Decoder: nn.TransformerDecoder{Layer: nn.TransformerDecoderLayer{Heads: 4, Hidden: 64, NormFirst: true}, Layers: 1, FinalNorm: true},
		}, length, units),
	}
	r := dl.NewRand(2)
	make := func(n int) (source, backwards *dl.Tensor) {
		source, backwards = dl.New(dl.Int32, n, length), dl.New(dl.Int32, n, length)
		for i := range n {
			for k := range length {
				v := float64(r.IntN(digits))
				source.Set(v, i, k)
				backwards.Set(v, i, length-1-k)
			}
		}
		return source, backwards
	}
	shifted := func(y *dl.Tensor) *dl.Tensor { // what was written before each token
		return dl.Concat(1, dl.Full(start, y.Dim(0), 1).To(dl.Int32), y.To(dl.Int32).Slice(1, 0, length-1))
	}
	source, backwards := make(512)
	trainer := &Trainer{Model: m, Optimizer: &optim.Adam{LearningRate: 3e-3}, Seed: 1, Step: func(s *Step) *dl.Tensor {
		y := s.Batch.Y
		return dl.SparseCrossEntropy(m.Logits(s.Batch.X, shifted(y)), y)
	}}
	history, err := trainer.Fit(context.Background(), data.FromTensors(source, backwards), Options{Epochs: 8, BatchSize: 32})
	if err != nil {
		t.Fatal(err)
	}
	if loss := history.Last("loss"); !(loss < 0.1) {
		t.Errorf("the loss is %v in the end", loss)
	}
	tests, want := make(20)
	right := 0
	dl.NoGrad(func() {
		memory := m.Both.Encodes.Forward(m.Positions.Forward(m.Source.Forward(tests)))
		caches, memories := m.Both.Decodes.NewCaches(20, length, length)
		token := dl.Full(start, 20, 1).To(dl.Int32)
		for k := range length {
			x := m.Positions.ForwardAt(m.Target.Forward(token), caches[0].Lengths())
			y := m.Both.Decodes.Call(x, memory, nn.DecoderOptions{Caches: caches, MemoryCaches: memories})
			token = m.Out.Forward(y).ArgMax(-1).To(dl.Int32)
			for i := range 20 {
				if token.At(i, 0) == want.At(i, k) {
					right++
				}
			}
		}
	})
	if right < 72 {
		t.Errorf("%d of 80 digits are right", right)
	}
}
