package dist_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/dist"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// points are samples of three classes.
func points(n int) data.Dataset {
	r := dl.NewRand(5)
	x, y := r.Uniforms(-1, 1, n, 8), make([]int32, n)
	for i := range y {
		switch row := x.Float32s()[8*i:]; {
		case row[0]+row[1] > 0.5:
			y[i] = 2
		case row[2]*row[3] > 0:
			y[i] = 1
		}
	}
	return data.FromTensors(x, dl.Of(y))
}

func newTrainer(c *dist.Comm, seed uint64) (*train.Trainer, error) {
	dl.Seed(seed)
	model, err := nn.Sequential(dl.Shape{8},
		nn.Dense{Units: 600, Activation: nn.Tanh},
		nn.Regularized{Layer: nn.Dense{Units: 600, Activation: nn.ReLU}, Weight: nn.L2(1e-4)}, // 600 x 600 are sent by themselves
		nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		return nil, err
	}
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: 0.05, Momentum: 0.9},
		Metrics: []metric.Metric{metric.Accuracy{}, metric.F1{Average: metric.Macro}}, Seed: 9, Ranks: c}, nil
}

// wide is a model with weights so large that ranks send each other factors of their gradient.
func wide() (*nn.Model, error) {
	return nn.Sequential(dl.Shape{8}, nn.Dense{Units: 1024, Activation: nn.Tanh}, nn.Dense{Units: 1100, Activation: nn.ReLU},
		nn.Dense{Units: 3, Activation: nn.Softmax})
}

// fit trains and saves: its arguments are the file, the epochs, and options or a file to go on from.
func fit(c *dist.Comm) error {
	t, err := newTrainer(c, 1)
	if err != nil {
		return err
	}
	options := train.Options{BatchSize: 24, Validation: points(31), Callbacks: []train.Callback{train.Checkpoint{Path: os.Args[1]}}}
	if options.Epochs, err = strconv.Atoi(os.Args[2]); err != nil {
		return err
	}
	for _, a := range os.Args[3:] {
		switch a {
		case "accumulate":
			options.Accumulate = 3
		case "callback":
			options.Callbacks = append(options.Callbacks, stopping{}) // one that could change weights: each rank has its own
		case "bfloat16":
			c.BFloat16 = true
		case "adam":
			t.Optimizer = &optim.Adam{Epsilon: 1e-2} // so large that the rounding of small gradients matters little
		case "wide":
			if t.Model, err = wide(); err != nil {
				return err
			}
		case "killed":
			options.Callbacks = append(options.Callbacks, killing{c.Rank()})
		case "weights":
			t.Loss = t.Loss.With(nn.LossOptions{ClassWeights: []float64{1, 5, 0.5}})
		default:
			if err := t.Load(a); err != nil {
				return err
			}
		}
	}
	h, err := t.Fit(context.Background(), points(121), options) // the last batch has one sample
	if err != nil {
		return err
	}
	results, err := t.Evaluate(context.Background(), points(50))
	if err != nil || c.Rank() > 0 {
		return err
	}
	for _, name := range []string{"loss", "accuracy", "f1_macro", "val_loss", "val_accuracy"} {
		for _, v := range h.Get(name) {
			fmt.Printf("%s %.17g\n", name, v)
		}
	}
	for _, v := range results {
		fmt.Printf("test_%s %.17g\n", v.Name, v.Value)
	}
	return nil
}

// furthest is the largest difference of the tensors of two checkpoints.
func furthest(t *testing.T, a, b string) (most float64) {
	t.Helper()
	list, _, err := dl.LoadSafetensors(a)
	others, _, err2 := dl.LoadSafetensors(b)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	other := map[string]*dl.Tensor{}
	for _, n := range others {
		other[n.Name] = n.Tensor
	}
	for _, n := range list {
		if other[n.Name] == nil || !n.Tensor.Shape().Equal(other[n.Name].Shape()) {
			t.Fatalf("%s is not in both", n.Name)
		}
		values := dl.Values[float64](other[n.Name])
		for i, v := range dl.Values[float64](n.Tensor) {
			most = max(most, math.Abs(v-values[i]))
		}
	}
	return most
}

// apart is the largest difference of what two runs printed.
func apart(t *testing.T, a, b string) (most float64) {
	t.Helper()
	first, second := strings.Fields(a), strings.Fields(b)
	if len(first) != len(second) || len(first) < 10 {
		t.Fatalf("%q and %q", a, b)
	}
	for i := 0; i < len(first); i += 2 {
		v, err := strconv.ParseFloat(first[i+1], 64)
		w, err2 := strconv.ParseFloat(second[i+1], 64)
		if err != nil || err2 != nil || first[i] != second[i] {
			t.Fatalf("%s %s and %s %s", first[i], first[i+1], second[i], second[i+1])
		}
		most = max(most, math.Abs(v-w))
	}
	return most
}

func TestRanksLearnWhatOneProcessDoes(t *testing.T) {
	dir := t.TempDir()
	for _, how := range [][]string{nil, {"accumulate", "weights"}, {"wide", "adam"}, {"wide", "adam", "callback"}} {
		run := func(ranks int, again string) (path, out string) {
			path = filepath.Join(dir, fmt.Sprint(strings.Join(how, "-"), ranks, again))
			return path, mustRun(t, ranks, "fit", append([]string{path, "3"}, how...)...)
		}
		alone, measured := run(1, "")
		for ranks := 2; ranks <= 3; ranks++ {
			path, out := run(ranks, "")
			w, v := furthest(t, alone, path), apart(t, measured, out)
			t.Logf("%v, %d ranks: weights differ by up to %.2g, what is measured by %.2g", how, ranks, w, v)
			if w > 1e-5 || v > 1e-5 {
				t.Errorf("%v, %d ranks: weights differ by up to %.2g, what is measured by %.2g\n%s\n%s", how, ranks, w, v, measured, out)
			}
			if again, _ := run(ranks, "again"); furthest(t, path, again) != 0 {
				t.Errorf("%v, %d ranks: the weights of two runs differ by %g", how, ranks, furthest(t, path, again))
			}
		}
	}
}

func TestBFloat16SumsAreNear(t *testing.T) {
	dir := t.TempDir()
	full, half := filepath.Join(dir, "full"), filepath.Join(dir, "half")
	a := mustRun(t, 2, "fit", full, "2")
	b := mustRun(t, 2, "fit", half, "2", "bfloat16")
	if w, v := furthest(t, full, half), apart(t, a, b); w == 0 || v == 0 || v > 0.05 {
		t.Errorf("weights differ by up to %g, what is measured by %g", w, v)
	}
}

func TestACheckpointGoesOnWithAnotherNumberOfRanks(t *testing.T) {
	dir := t.TempDir()
	whole, half := filepath.Join(dir, "whole"), filepath.Join(dir, "half")
	want := mustRun(t, 1, "fit", whole, "4")
	mustRun(t, 2, "fit", half, "2")
	for _, ranks := range []int{1, 3} {
		rest := filepath.Join(dir, fmt.Sprint("rest", ranks))
		got := mustRun(t, ranks, "fit", rest, "2", half)
		if w, v := furthest(t, whole, rest), apart(t, want, got); w > 1e-5 || v > 1e-5 {
			t.Errorf("%d ranks: weights differ by up to %g, what is measured by %g", ranks, w, v)
		}
	}
}

// saves saves in the middle of an epoch, when each rank has a part of the optimizer's memory, and after it.
func saves(c *dist.Comm) error {
	t, err := newTrainer(c, 1)
	if err != nil {
		return err
	}
	path := fmt.Sprint(os.Args[1], c.Rank())
	amid := &saving{path: path}
	if _, err := t.Fit(context.Background(), points(121), train.Options{Callbacks: []train.Callback{amid}}); err != nil {
		return err
	}
	if err := t.Save(path); c.Rank() == 0 {
		fmt.Println(amid.err, err)
	}
	return nil
}

type saving struct {
	train.Observe
	path string
	err  error
}

func (s *saving) Start(*train.Run) (train.Observer, error) { return s, nil }

func (s *saving) Batch(run *train.Run) error {
	s.err = run.Trainer.Save(s.path)
	return nil
}

func TestAPartOfTheMemoryIsNotSaved(t *testing.T) {
	out := mustRun(t, 2, "saves", filepath.Join(t.TempDir(), "rank"))
	if !strings.Contains(out, "until the end of an epoch") || !strings.HasSuffix(out, " <nil>\n") {
		t.Errorf("errors in an epoch and after it: %s", out)
	}
}

// taken notes which samples are read.
type taken struct {
	data.Dataset
	read []int
}

// Read is that of the dataset. The Loader has one goroutine that reads.
func (d *taken) Read(b data.Batch, samples []int) error {
	d.read = append(d.read, samples...)
	return d.Dataset.Read(b, samples)
}

// Start begins to follow a Fit, and EpochStart forgets what was read before.
func (d *taken) Start(*train.Run) (train.Observer, error) { return &takenObserver{taken: d}, nil }

type takenObserver struct {
	train.Observe
	*taken
	epochs [][]int
}

func (o *takenObserver) EpochStart(*train.Run) error { o.read = nil; return nil }

func (o *takenObserver) Epoch(*train.Run) error { o.epochs = append(o.epochs, o.read); return nil }

// End prints how often all ranks together took each sample.
func (o *takenObserver) End(run *train.Run) error {
	for _, read := range o.epochs {
		var own []float64
		for _, s := range read {
			own = append(own, float64(s))
		}
		count := make([]int, o.Len())
		for _, values := range run.Trainer.Ranks.Gather(own) {
			for _, v := range values {
				count[int(v)]++
			}
		}
		if run.Trainer.Ranks.Rank() == 0 {
			fmt.Println(count)
		}
	}
	return nil
}

func samples(c *dist.Comm) error {
	t, err := newTrainer(c, 1)
	if err == nil {
		d := &taken{Dataset: points(121)}
		_, err = t.Fit(context.Background(), d, train.Options{BatchSize: 24, Epochs: 2, Callbacks: []train.Callback{d}})
	}
	return err
}

func TestEverySampleIsTakenOnce(t *testing.T) {
	once := "[" + strings.TrimSpace(strings.Repeat("1 ", 121)) + "]\n"
	for ranks := 2; ranks <= 3; ranks++ {
		if out := mustRun(t, ranks, "samples"); out != once+once {
			t.Errorf("%d ranks took samples so often:\n%s", ranks, out)
		}
	}
}

// equal trains layers that look at their batch, and that draw random numbers of their own on each rank, and compares all
// that the model then holds.
func equal(c *dist.Comm) error {
	dl.Seed(2)
	model, err := nn.Sequential(dl.Shape{8}, nn.Dense{Units: 16}, nn.BatchNorm{}, nn.Dropout{Rate: 0.5}, nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		return err
	}
	t := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{}, Ranks: c}
	if _, err := t.Fit(context.Background(), points(121), train.Options{BatchSize: 24, Epochs: 2}); err != nil {
		return err
	}
	for _, p := range nn.NamedParameters(model) {
		all := c.Gather(dl.Values[float64](p.Value))
		for rank, values := range all {
			if !slices.Equal(values, all[0]) {
				return fmt.Errorf("%s of %s is not that of rank 0", p.Name, c.Name(rank))
			}
		}
		if c.Rank() == 0 {
			fmt.Println(p.Name)
		}
	}
	return nil
}

func TestStatisticsOfLayersStayEqual(t *testing.T) {
	if out := mustRun(t, 3, "equal"); !strings.Contains(out, "mean") || !strings.Contains(out, "variance") {
		t.Errorf("compared: %s", out)
	}
}
