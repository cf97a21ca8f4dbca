package tensorboard

import (
	"bytes"
	"encoding/json"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/nn"
)

var record = flag.Bool("record", false, "write testdata/sample.tfevents, which readers.py reads")

// sample writes an event of each kind, at times that are always the same.
func sample(t *testing.T) []byte {
	t.Helper()
	at := time.Unix(1_700_000_000, 0)
	now = func() time.Time { at = at.Add(250 * time.Millisecond); return at }
	defer func() { now = time.Now }()
	dl.Seed(7)
	model, err := nn.Sequential(dl.Shape{8, 8, 1}, nn.Named("block.conv", nn.Conv2D{Filters: 2, Kernel: [2]int{3, 3}, Activation: nn.ReLU}),
		nn.MaxPool2D{}, nn.Flatten{}, nn.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := nn.Sequential(dl.Shape{5}, nn.Embedding{Vocabulary: 10, Units: 4}, nn.GlobalAvgPool1D{}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewRGBA(image.Rect(0, 0, 3, 2))
	picture.Set(1, 1, color.RGBA{200, 10, 30, 255})
	ramp := dl.Arange(64).To(dl.Float32).MulScalar(1.0/63).Reshape(8, 8)
	var file bytes.Buffer
	w, err := NewWriter(&file)
	for _, write := range []func() error{
		func() error { return err },
		func() error { return w.Graph(tokens) },
		func() error { return w.Graph(model) },
		func() error { return w.Scalar("loss/train", 0.75, 0) },
		func() error { return w.Scalar("loss/train", 0.25, 1) },
		func() error { return w.Scalar("loss/train", math.Inf(1), 2) },
		func() error { return w.Scalar("准确率", 0.5, 1<<40) },
		func() error { return w.Histogram("weights", dl.Of([]float32{-1, -0.5, 0, 0.1, 0.2, 2}), 1) },
		func() error { return w.Histogram("same", dl.Full(3, 4), 1) },
		func() error { return w.Image("picture", picture, 1) },
		func() error { return w.Images("ramp", ramp, 1) },
		func() error { return w.Images("two", dl.Arange(128).To(dl.Uint8).Reshape(2, 8, 8, 1), 1) },
		func() error { return w.Text("note", "# a heading\n\n*text* 文字", 1) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

// readByOthers is what readers.py has recorded of a file: what TensorBoard's own reader finds in it.
type readByOthers struct {
	Version string
	Writer  string
	Scalars map[string][]struct {
		Step  int
		Value string
		Time  float64
	}
	Histograms map[string]struct {
		Step                             int
		Min, Max, Num, Sum, SumOfSquares float64
		Limits, Counts                   []float64
	}
	Images map[string]struct {
		Step, Width, Height int
		Pixels              []byte // RGBA
	}
	Texts map[string]string
	Nodes []struct {
		Name, Op string
		Input    []string
		Type     int
		Shape    []int
	}
	Unknown int // fields that the definitions do not have
}

// The file that TensorBoard's reader has read is what the writer writes today, and the reader finds in it, and in files of
// PyTorch's and TensorBoard's writers, what TensorBoard's finds.
func TestSample(t *testing.T) {
	const name = "testdata/sample.tfevents"
	written := sample(t)
	if *record {
		if err := os.WriteFile(name, written, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	now, before := decoded(t, written), decoded(t, kept)
	if len(now) != len(before) {
		t.Fatalf("%d events are written, %d were", len(now), len(before))
	}
	for i := range now {
		if !reflect.DeepEqual(now[i], before[i]) {
			t.Errorf("event %d is %+v, was %+v", i, now[i], before[i])
		}
	}
	text, err := os.ReadFile("testdata/readers.json")
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]readByOthers
	if err := json.Unmarshal(text, &files); err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Errorf("%d files", len(files))
	}
	for name, want := range files {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			want.compare(t, decoded(t, b))
		})
	}
	if w := files["sample.tfevents"]; w.Writer != "modelbook.dl.train.tensorboard" || w.Unknown != 0 || len(w.Nodes) == 0 {
		t.Errorf("writer %q, %d unknown fields, %d nodes", w.Writer, w.Unknown, len(w.Nodes))
	}
}

// compare compares what two readers found.
func (want *readByOthers) compare(t *testing.T, events []Event) {
	if len(events) == 0 || events[0].Version != want.Version {
		t.Fatalf("%d events, the version is not %q", len(events), want.Version)
	}
	scalars := map[string]int{}
	last := map[string]Value{}
	steps := map[string]int{}
	var graph []byte
	for _, e := range events {
		if e.Graph != nil {
			graph = e.Graph
		}
		for _, v := range e.Values {
			last[v.Tag], steps[v.Tag] = v, e.Step
			if !v.IsScalar {
				continue
			}
			i := scalars[v.Tag]
			scalars[v.Tag]++
			if list := want.Scalars[v.Tag]; i >= len(list) {
				t.Errorf("%s: one more than %d values", v.Tag, len(list))
			} else if w := list[i]; w.Step != e.Step || strconv.FormatFloat(v.Scalar, 'g', -1, 64) != goNumber(t, w.Value) || math.Abs(float64(e.Time.UnixNano())/1e9-w.Time) > 1e-5 {
				t.Errorf("%s: %v at %d, %v; want %+v", v.Tag, v.Scalar, e.Step, e.Time, w)
			}
		}
	}
	for tag, list := range want.Scalars {
		if scalars[tag] != len(list) {
			t.Errorf("%s: %d values, want %d", tag, scalars[tag], len(list))
		}
	}
	for tag, w := range want.Histograms {
		h := last[tag].Histogram
		if h == nil || steps[tag] != w.Step || !near(h.Min, w.Min) || !near(h.Max, w.Max) || h.Count != w.Num || !near(h.Sum, w.Sum) || !near(h.Squares, w.SumOfSquares) ||
			!slices.EqualFunc(h.Limits, w.Limits, near) || !slices.Equal(h.Counts, w.Counts) {
			t.Errorf("%s: %+v, want %+v", tag, h, w)
		}
	}
	for tag, w := range want.Images {
		if v := last[tag]; steps[tag] != w.Step || !bytes.Equal(v.Image, w.Pixels) || len(w.Pixels) != 4*w.Width*w.Height {
			t.Errorf("%s: %v, want %+v", tag, v.Image, w)
		}
	}
	for tag, w := range want.Texts {
		if v := last[tag]; !slices.Equal(v.Texts, []string{w}) {
			t.Errorf("%s: %q, want %q", tag, v.Texts, w)
		}
	}
	if n := len(want.Scalars) + len(want.Histograms) + len(want.Images) + len(want.Texts); n != len(last) {
		t.Errorf("%d tags, want %d", len(last), n)
	}
	if len(want.Nodes) > 0 != (graph != nil) {
		t.Errorf("a graph of %d bytes, want %d nodes", len(graph), len(want.Nodes))
	}
}

// near says whether numbers agree to the digits of float32.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(math.Abs(a), math.Abs(b)) }

// goNumber is a number as Go writes it, of one that Python has written.
func goNumber(t *testing.T, s string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// decoded are the events of a file, with the pixels of images in place of their bytes, which depend on Go's version.
func decoded(t *testing.T, b []byte) (all []Event) {
	t.Helper()
	for e, err := range Read(bytes.NewReader(b)) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range e.Values {
			if v := &e.Values[i]; v.Image != nil {
				img, err := png.Decode(bytes.NewReader(v.Image))
				if err != nil {
					t.Fatal(err)
				}
				v.Image = nil
				for y := range img.Bounds().Dy() {
					for x := range img.Bounds().Dx() {
						r, g, b, a := img.At(x, y).RGBA()
						v.Image = append(v.Image, byte(r>>8), byte(g>>8), byte(b>>8), byte(a>>8))
					}
				}
			}
		}
		all = append(all, e)
	}
	return all
}
