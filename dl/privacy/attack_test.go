package privacy

import (
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

func TestAttackOnKnownLosses(t *testing.T) {
	for _, c := range []struct {
		members, others []float64
		auc, advantage  float64
	}{
		{[]float64{0, 1}, []float64{2, 3}, 1, 1},
		{[]float64{2, 3}, []float64{0, 1}, 0, 0},
		{[]float64{1, 1}, []float64{1, 1, 1}, 0.5, 0},
		{[]float64{0, 2}, []float64{1, 3}, 0.75, 0.5},
		{[]float64{0, math.Inf(1)}, []float64{0, 5}, 0.375, 0},
	} {
		m, err := AttackLosses(c.members, c.others)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.AUC-c.auc) > 1e-12 || math.Abs(m.Advantage-c.advantage) > 1e-12 {
			t.Errorf("%v and %v: %v", c.members, c.others, m)
		}
	}
	// The area is that of package metric.
	r := dl.NewRand(2)
	var a, b []float64
	for range 300 {
		a, b = append(a, float64(r.IntN(50))), append(b, float64(r.IntN(50)+5))
	}
	m, err := AttackLosses(a, b)
	if err != nil {
		t.Fatal(err)
	}
	scores, labels := m.Scores()
	meter := metric.ROCAUC{}.Start()
	meter.Add(scores, labels)
	if math.Abs(m.AUC-meter.Value()) > 1e-9 {
		t.Errorf("AUC %v, by package metric %v", m.AUC, meter.Value())
	}
	if !strings.Contains(m.String(), "300 and 300 samples") {
		t.Error(m)
	}
	for words, f := range map[string]func() error{
		"both are needed":     func() error { _, err := AttackLosses(nil, b); return err },
		"sample 1 is not a n": func() error { _, err := AttackLosses([]float64{1, math.NaN()}, b); return err },
		"are needed":          func() error { _, err := Losses(context.Background(), nil, nn.MSE, nil); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
	// The bound of the curve: chance for epsilon 0, everything for none.
	if MostAdvantage(0, 0) != 0 || MostAdvantage(1000, 0) != 1 || math.Abs(MostAdvantage(1, 0)-math.Tanh(0.5)) > 1e-12 || math.Abs(MostAdvantage(0, 0.1)-0.1) > 1e-12 {
		t.Error("bounds")
	}
}

// noisy are points whose labels are true for some only: what else a model knows of a label, it remembers.
func noisy(n int, seed uint64) data.Dataset {
	r := dl.NewRand(seed)
	x := r.Uniforms(-1, 1, n, 20)
	labels := make([]int32, n)
	for i, v := 0, x.Float32s(); i < n; i++ {
		if v[20*i] > 0 {
			labels[i] = 1
		}
		if r.Float64() < 0.3 {
			labels[i] = 1 - labels[i]
		}
	}
	return data.FromTensors(x, dl.Of(labels))
}

// remembering trains a model that is large for its data, with or without privacy, and attacks it.
func remembering(t testing.TB, private bool) (m *Membership, accuracy float64) {
	t.Helper()
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{20}, nn.Dense{Units: 128, Activation: nn.ReLU}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	members, others := noisy(400, 1), noisy(400, 2)
	tr := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1}
	o := train.Options{Epochs: 80, BatchSize: 100}
	if private {
		_, err = (&DPSGD{Noise: 3, Delta: 1e-3, InsecureSeed: 1}).Fit(context.Background(), tr, members, o)
	} else {
		_, err = tr.Fit(context.Background(), members, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := tr.Evaluate(context.Background(), others)
	if err != nil {
		t.Fatal(err)
	}
	m, err = Attack(context.Background(), model, nn.SparseCrossEntropy, members, others)
	if err != nil {
		t.Fatal(err)
	}
	return m, r.Get("accuracy")
}

// An attacker tells the samples of a plain training from others, and hardly those of one with privacy; new samples are
// known no worse.
func TestPrivacyHidesMembership(t *testing.T) {
	plain, known := remembering(t, false)
	with, alsoKnown := remembering(t, true)
	bound := MostAdvantage(Epsilon(Steps{0.25, 3, 320}, 1e-3), 1e-3)
	t.Logf("plain: %v, accuracy %.3f; with privacy: %v, accuracy %.3f, bound %.3f", plain, known, with, alsoKnown, bound)
	if *record != "" {
		writeLosses(t, *record, plain, with)
	}
	if plain.AUC < 0.75 || with.AUC > 0.58 || with.AUC > plain.AUC-0.2 {
		t.Errorf("AUC without privacy %.3f, with %.3f", plain.AUC, with.AUC)
	}
	if with.Advantage > bound {
		t.Errorf("an advantage of %.3f is more than the bound, %.3f", with.Advantage, bound)
	}
	if alsoKnown < known-0.03 {
		t.Errorf("accuracy of new samples %.3f without privacy, %.3f with", known, alsoKnown)
	}
}

var record = flag.String("record", "", "the file of plotting's golden image of an attack, which is written anew")

// writeLosses writes the losses with four digits, which is more than a picture shows:
//
//	go test ./dl/privacy -run Membership -record ../../plotting/testdata/membership.json
func writeLosses(t *testing.T, path string, plain, with *Membership) {
	digits := func(losses []float64) []float64 {
		out := make([]float64, len(losses))
		for i, v := range losses {
			out[i], _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 3, 64), 64)
		}
		return out
	}
	text, err := json.Marshal(map[string][]float64{"plain members": digits(plain.Members), "plain others": digits(plain.Others),
		"private members": digits(with.Members), "private others": digits(with.Others)})
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
