package tensorboard

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// trainer is one of a small network for pictures.
func trainer(t *testing.T) (*train.Trainer, data.Dataset) {
	t.Helper()
	dl.Seed(3)
	model, err := nn.Sequential(dl.Shape{6, 6, 1}, nn.Named("first", nn.Conv2D{Filters: 4, Kernel: [2]int{3, 3}, Activation: nn.ReLU}),
		nn.Flatten{}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int32, 48)
	x := dl.NewRand(4).Uniforms(0, 1, 48, 6, 6, 1)
	for i := range labels {
		labels[i] = int32(i % 2)
	}
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 5},
		data.FromTensors(x, dl.Of(labels))
}

// curves are those of a folder by "run tag".
func curves(t *testing.T, dir string) map[string]Curve {
	t.Helper()
	all, err := Runs(dir)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Curve{}
	for _, c := range all {
		by[c.Run+" "+c.Tag] = c
	}
	return by
}

// midway is a callback that reads the files while they grow.
type midway struct {
	train.Observe
	t    *testing.T
	dir  string
	seen []int // values of epoch_loss after each epoch
}

func (m *midway) Start(*train.Run) (train.Observer, error) { return m, nil }

func (m *midway) Epoch(*train.Run) error {
	m.seen = append(m.seen, len(curves(m.t, m.dir)["train epoch_loss"].Values))
	return nil
}

// A training writes Keras's tags with the values of its history, in files that can be read meanwhile, goes on where it
// was, and is the same as without.
func TestLogOfATraining(t *testing.T) {
	dir := t.TempDir()
	plain, set := trainer(t)
	want, err := plain.Fit(t.Context(), set, train.Options{Epochs: 3, BatchSize: 8, ValidationSplit: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	logged, set := trainer(t)
	log, reader := Log{Dir: dir, Every: 2, Histograms: 2, Gradients: true, Images: true}, &midway{t: t, dir: dir}
	options := train.Options{Epochs: 2, BatchSize: 8, ValidationSplit: 0.25, Callbacks: []train.Callback{log, reader}}
	if _, err := logged.Fit(t.Context(), set, options); err != nil {
		t.Fatal(err)
	}
	options.Epochs = 1
	h, err := logged.Fit(t.Context(), set, options)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(reader.seen, []int{1, 2, 3}) {
		t.Errorf("values seen after each epoch: %v", reader.seen)
	}
	if !slices.Equal(h.Get("val_loss"), want.Get("val_loss")) {
		t.Errorf("the training is another: %v, without %v", h.Get("val_loss"), want.Get("val_loss"))
	}
	got := curves(t, dir)
	epochs := []int{1, 2, 3}
	for name, c := range map[string]struct {
		steps  []int
		values []float64
	}{
		"train epoch_loss":                             {epochs, h.Get("loss")},
		"train epoch_accuracy":                         {epochs, h.Get("accuracy")},
		"train epoch_learning_rate":                    {epochs, h.Get("learning_rate")},
		"validation epoch_loss":                        {epochs, h.Get("val_loss")},
		"validation epoch_accuracy":                    {epochs, h.Get("val_accuracy")},
		"validation evaluation_loss_vs_iterations":     {[]int{5, 10, 15}, h.Get("val_loss")},
		"validation evaluation_accuracy_vs_iterations": {[]int{5, 10, 15}, h.Get("val_accuracy")},
		"train batch_loss":                             {[]int{2, 4, 6, 8, 10, 12, 14}, nil},
		"train batch_accuracy":                         {[]int{2, 4, 6, 8, 10, 12, 14}, nil},
	} {
		curve := got[name]
		delete(got, name)
		if !slices.Equal(curve.Steps, c.steps) {
			t.Errorf("%s: steps %v, want %v", name, curve.Steps, c.steps)
			continue
		}
		for i, v := range c.values {
			if float32(v) != float32(curve.Values[i]) {
				t.Errorf("%s at %d: %v, want %v", name, c.steps[i], curve.Values[i], v)
			}
		}
	}
	for name := range got {
		t.Errorf("there is a curve %q", name)
	}
	kinds := map[string]int{}
	graphs := 0
	files, err := filepath.Glob(filepath.Join(dir, "train", "events.out.tfevents.*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		for _, e := range events(t, name) {
			if e.Graph != nil {
				graphs++
			}
			for _, v := range e.Values {
				switch {
				case v.Histogram != nil && e.Step == 2:
					kinds[v.Tag]++
				case v.Image != nil && e.Step == 2:
					kinds[v.Tag]++
				case v.Texts != nil:
					kinds[v.Tag]++
					if !strings.Contains(v.Texts[0], "first") {
						t.Errorf("text %q", v.Texts[0])
					}
				case !v.IsScalar:
					t.Errorf("step %d: %+v", e.Step, v)
				}
			}
		}
	}
	for _, tag := range []string{"first/weight/histogram", "first/weight/gradient", "first/bias/histogram", "first/bias/gradient",
		"dense/weight/histogram", "dense/weight/gradient", "dense/bias/histogram", "dense/bias/gradient",
		"first/weight/image/0", "first/weight/image/1", "first/weight/image/2", "first/bias/image", "dense/weight/image", "dense/bias/image"} {
		if kinds[tag] != 1 {
			t.Errorf("%d of %s", kinds[tag], tag)
		}
		delete(kinds, tag)
	}
	if kinds["training"] != 2 || len(kinds) != 1 || graphs != 2 {
		t.Errorf("there are %v, and %d graphs", kinds, graphs)
	}
}

// events are those of a file.
func events(t *testing.T, name string) (all []Event) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for e, err := range Read(f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// What does not fit is refused before the training; a folder that cannot be written ends it with words.
func TestWrongLogs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for want, l := range map[string]Log{
		"must not be negative":       {Every: -1},
		"Histograms -2":              {Histograms: -2},
		"are written with Histogram": {Gradients: true},
		"set it to the epochs":       {Images: true},
		"not a directory":            {Dir: file},
	} {
		if l.Dir == "" {
			l.Dir = t.TempDir()
		}
		r, set := trainer(t)
		if _, err := r.Fit(t.Context(), set, train.Options{Callbacks: []train.Callback{l}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", l, err, want)
		}
	}
	if _, err := (Log{}).Start(nil); err == nil || !strings.Contains(err.Error(), "started by Fit") {
		t.Error(err)
	}
	if _, err := Runs(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no event file") {
		t.Error(err)
	}
	if _, err := Runs(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// alone is a module without a Forward.
type alone struct{}

func (alone) Parameters() []*nn.Parameter { return nil }

// full is a disk without room.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

// The first error of writing stays, and what is wrong with a value is said and no error of the file.
func TestWrongValues(t *testing.T) {
	for want, f := range map[string]func(w *Writer) error{
		"the tag is empty":   func(w *Writer) error { return w.Scalar("", 1, 1) },
		"no valid UTF-8":     func(w *Writer) error { return w.Text("\xff", "a", 1) },
		"no finite value":    func(w *Writer) error { return w.Histogram("h", dl.Full(math.NaN(), 2), 1) },
		"a nil tensor":       func(w *Writer) error { return w.Histogram("h", nil, 1) },
		"the image is nil":   func(w *Writer) error { return w.Image("i", nil, 1) },
		"of images is nil":   func(w *Writer) error { return w.Images("i", nil, 1) },
		"shape [3]":          func(w *Writer) error { return w.Images("i", dl.Zeros(3), 1) },
		"1 channel or 3":     func(w *Writer) error { return w.Images("i", dl.Zeros(3, 3, 2), 1) },
		"have pixels":        func(w *Writer) error { return w.Images("i", dl.Zeros(0, 3), 1) },
		"a nil module":       func(w *Writer) error { return w.Graph(nil) },
		"the input 1 is nil": func(w *Writer) error { r, _ := trainer(t); return w.Graph(r.Model, nil) },
		"the model takes":    func(w *Writer) error { r, _ := trainer(t); return w.Graph(r.Model, dl.Zeros(1, 5)) },
		"takes one input":    func(w *Writer) error { r, _ := trainer(t); return w.Graph(r.Model, dl.Zeros(1), dl.Zeros(1)) },
		"does not say":       func(w *Writer) error { return w.Graph(alone{}) },
	} {
		w, err := NewWriter(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := f(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if err := w.Scalar("a", 1, 1); err != nil {
			t.Errorf("after %q: %v", want, err)
		}
	}
	w, err := NewWriter(&full{left: 200})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		err = w.Scalar("loss", 1, 1)
	}
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
	var none *Writer
	if w.Close(); none.Close() != nil || none.Name() != "" || none.Scalar("a", 1, 1) == nil || (&Writer{}).Scalar("a", 1, 1) == nil {
		t.Error("a nil Writer")
	}
	if err := w.Scalar("a", 1, 1); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Error(err)
	}
	if _, err := NewWriter(nil); err == nil {
		t.Error("a nil writer is taken")
	}
	if _, err := Create(""); err == nil {
		t.Error("no folder is taken")
	}
}
