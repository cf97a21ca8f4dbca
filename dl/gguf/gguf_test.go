package gguf

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func TestBlocksAreRecordedOnes(t *testing.T) {
	b, err := os.ReadFile("testdata/blocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Blocks     string
		Values, Of []float32
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []Type{Q8_0, Q4_0, Q4_K, Q6_K} {
		c := all[typ.String()]
		blocks, err := hex.DecodeString(c.Blocks)
		if err != nil || len(blocks) == 0 {
			t.Fatal(typ, err)
		}
		got := make([]float32, len(c.Values))
		Dequantize(typ, got, blocks)
		for i, v := range got {
			if d := math.Abs(float64(v - c.Values[i])); d > 1e-6*math.Abs(float64(v))+1e-9 {
				t.Errorf("%v: value %d is %v, recorded is %v", typ, i, v, c.Values[i])
			}
		}
		if c.Of == nil {
			continue
		}
		packed := make([]byte, len(blocks))
		Quantize(typ, packed, c.Of)
		if !bytes.Equal(packed, blocks) {
			t.Errorf("%v: the blocks are %x, recorded are %x", typ, packed, blocks)
		}
	}
}

func TestSmallFile(t *testing.T) {
	f, err := Open("testdata/small.gguf")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := map[string]any{"general.architecture": "gpt2", "general.name": "größe", "a.u8": uint8(200), "a.i8": int8(-2), "a.u16": uint16(60000), "a.i16": int16(-3),
		"a.u32": uint32(4000000000), "a.i32": int32(-4), "a.f32": float32(0.5), "a.bool": true, "a.u64": uint64(1 << 63), "a.i64": int64(-5), "a.f64": 0.1,
		"a.tokens": []string{"a", "", "ß"}, "a.scores": []float32{1, -1}}
	if !reflect.DeepEqual(f.Metadata, want) {
		t.Errorf("the metadata is %v", f.Metadata)
	}
	if v, ok := f.Int("a.i16"); v != -3 || !ok {
		t.Error(v, ok)
	}
	if v, ok := f.Int("a.u64"); ok {
		t.Error("a number beyond int64 is", v)
	}
	if v, ok := f.Float("a.u16"); v != 60000 || !ok {
		t.Error(v, ok)
	}
	w, ok := f.Tensor("f32")
	x, err := w.Data()
	if err != nil || !ok || !slices.Equal(w.Shape, []int{2, 3}) || !slices.Equal(x.Float32s(), []float32{0, 1, 2, 3, 4, 5}) {
		t.Error(w, x, err)
	}
	x.Float32s()[0] = 7 // in a private copy of the page
	h, _ := f.Tensor("f16")
	if x, err := h.Data(); err != nil || x.DType() != dl.Float16 || x.At(1) != -2 {
		t.Error(x, err)
	}
	q, _ := f.Tensor("q8")
	if v, err := q.Float32s(); err != nil || len(v) != 256 || len(q.Bytes()) != 8*34 {
		t.Error(len(v), err)
	}
	if b, _ := f.Tensor("bf16"); fmt.Sprint(must(b.Float32s())) != "[1 -2]" {
		t.Error(b.Float32s())
	}
	u, _ := f.Tensor("unknown")
	if _, err := u.Float32s(); err == nil || !strings.Contains(err.Error(), "Q5_0") {
		t.Error("a type that is not known:", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What is written is read again, and a file that is written from one that was read is the same.
func TestWrittenIsRead(t *testing.T) {
	values := make([]float32, 64*3)
	for i := range values {
		values[i] = float32(i-96) / 16
	}
	meta := []Pair{{"general.architecture", "x"}, {"n", uint32(3)}, {"list", []string{"a", "bc"}}, {"flags", []bool{true, false}}, {"f", []float64{0.5}}}
	var sources []Source
	for _, typ := range []Type{F32, F16, BF16, Q8_0, Q4_0} {
		sources = append(sources, Source{Name: typ.String(), Shape: []int{3, 64}, Type: typ, Values: values})
	}
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := Save(path, meta, sources); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range meta {
		if !reflect.DeepEqual(f.Metadata[p.Key], p.Value) {
			t.Errorf("%s is %v", p.Key, f.Metadata[p.Key])
		}
	}
	var again []Source
	for i, tol := range []float64{0, 4e-3, 4e-2, 6.1 / 127, 6.1 / 8} {
		w := f.Tensors[i]
		got, err := w.Float32s()
		if err != nil || !slices.Equal(w.Shape, []int{3, 64}) {
			t.Fatal(w.Name, w.Shape, err)
		}
		for k, v := range got {
			if math.Abs(float64(v-values[k])) > tol {
				t.Errorf("%s: %v became %v", w.Name, values[k], v)
			}
		}
		again = append(again, Source{Name: w.Name, Shape: w.Shape, Type: w.Type, Blocks: w.Bytes()})
	}
	var b bytes.Buffer
	if err := Write(&b, meta, again); err != nil {
		t.Fatal(err)
	}
	if file, err := os.ReadFile(path); err != nil || !bytes.Equal(file, b.Bytes()) {
		t.Error("written from its blocks the file is another", err)
	}
	for want, s := range map[string]Source{
		"whole blocks":      {Name: "w", Shape: []int{2, 33}, Type: Q8_0, Values: values[:66]},
		"there are 5":       {Name: "w", Shape: []int{2, 3}, Values: values[:5]},
		"is not written":    {Name: "w", Shape: []int{256}, Type: Q4_K, Values: values[:0]},
		"takes 34 bytes":    {Name: "w", Shape: []int{32}, Type: Q8_0, Blocks: make([]byte, 33)},
		"there are at most": {Name: "w", Shape: []int{1, 1, 1, 1, 1}, Values: values[:1]},
	} {
		if err := Write(&b, nil, []Source{s}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, which does not say %q", err, want)
		}
	}
	if err := dl.Try(func() { Quantize(Q8_0, make([]byte, 34), values[:31]) }); err == nil {
		t.Error("half a block was quantized")
	}
}

// Hostile files are errors, and take no more memory than they have.
func FuzzParse(f *testing.F) {
	b, err := os.ReadFile("testdata/small.gguf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:200])
	for _, at := range []int{4, 8, 16, 24, 60, 300, 600, 700} {
		c := slices.Clone(b)
		for i := range 8 {
			c[at+i] = 0xff
		}
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Parse(b)
		if err != nil {
			return
		}
		for _, w := range g.Tensors {
			if len(w.Bytes()) > len(b) {
				t.Fatal("a tensor is larger than its file")
			}
			if v, err := w.Float32s(); err == nil && len(v) != w.Size() {
				t.Fatal(w.Name)
			}
			_, _ = w.Data()
		}
	})
}
