package dl

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file holds names, dtypes, shapes and values of every kind, in their order.
func TestFileKeepsEveryDType(t *testing.T) {
	want := []Named{
		{"f32", Of([]float32{1, -2.5, 3e38, 0}, 2, 2)}, {"f64", Of([]float64{1e300, -1})},
		{"i32", Of([]int32{-1, 1 << 30})}, {"i64", Of([]int64{-1 << 60, 7, 8}, 3, 1)},
		{"u8", Of([]uint8{0, 255})}, {"bool", Of([]bool{true, false, true})},
		{"scalar", Scalar(4)}, {"empty", Zeros(0, 3)}, {"no columns", Zeros(3, 0)}, {"none inside", New(Int64, 2, 3, 0)}, {"none at all", New(Bool, 0)},
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	for range 2 { // the second time replaces the first
		if err := SaveSafetensors(path, want, map[string]string{"who": "test"}); err != nil {
			t.Fatal(err)
		}
	}
	got, meta, err := LoadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || meta["who"] != "test" {
		t.Fatalf("%d tensors, metadata %v", len(got), meta)
	}
	for i, w := range want {
		if g := got[i]; !g.Tensor.Shape().Equal(w.Tensor.Shape()) || g.Name != w.Name || g.Tensor.String() != w.Tensor.String() {
			t.Errorf("%s: %v, want %v", w.Name, g.Tensor, w.Tensor)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".x*")); err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

// file is a safetensors file put together by hand, from the specification.
func file(header string, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), body...)
}

func TestFileFromTheSpecification(t *testing.T) {
	b := file(`{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`, 0, 0, 128, 63, 0, 0, 0, 192)
	got, meta, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "x" || !got[0].Tensor.shape.Equal(Shape{1, 2}) || got[0].Tensor.f32()[0] != 1 || got[0].Tensor.f32()[1] != -2 || meta["a"] != "b" {
		t.Errorf("%v, %v", got, meta)
	}
}

// hostile are files that must be errors.
var hostile = map[string][]byte{
	"nothing":                {},
	"no header":              {1, 0, 0},
	"header of 2^63 bytes":   {0, 0, 0, 0, 0, 0, 0, 128},
	"header behind the end":  file(`{}`)[:9],
	"not JSON":               file(`{"x":`),
	"not an object":          file(`[1]`),
	"name twice":             file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1),
	"unknown dtype":          file(`{"x":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}}`, 1),
	"no place":               file(`{"x":{"dtype":"U8","shape":[1]}}`, 1),
	"place behind the end":   file(`{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 1),
	"place backwards":        file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1),
	"negative place":         file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1),
	"negative shape":         file(`{"x":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1),
	"shape overflows":        file(`{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`),
	"shape overflows, zero":  file(`{"x":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904,0],"data_offsets":[0,0]}}`),
	"shape is not place":     file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4),
	"overlap":                file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3),
	"gap":                    file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3),
	"text behind":            file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}x`, 1),
	"no shape":               file(`{"x":{"dtype":"U8","data_offsets":[0,1]}}`, 1),
	"shape null":             file(`{"x":{"dtype":"U8","shape":null,"data_offsets":[0,1]}}`, 1),
	"no dtype":               file(`{"x":{"shape":[1],"data_offsets":[0,1]}}`, 1),
	"dtype twice":            file(`{"x":{"dtype":"U8","dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}`, 1),
	"shape twice":            file(`{"x":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}`, 1),
	"keys in another case":   file(`{"x":{"DType":"U8","Shape":[1],"Data_Offsets":[0,1]}}`, 1),
	"metadata twice":         file(`{"__metadata__":{"a":"b","a":"c"}}`),
	"metadata null":          file(`{"__metadata__":{"a":null}}`),
	"name is not UTF-8":      file("{\"\xff\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
	"NUL within":             file("{\x00}"),
	"size overflows":         file(`{"x":{"dtype":"BF16","shape":[0,9223372036854775807,3],"data_offsets":[0,0]}}`),
	"unknown dtype, place":   file(`{"x":{"dtype":"F7","shape":[1],"data_offsets":[0,2]}}`, 1),
	"unknown dtype, overlap": file(`{"x":{"dtype":"F7","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1),
	"uint64 beyond int64":    file(`{"x":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}`, 0, 0, 0, 0, 0, 0, 0, 128),
	"half of half precision": file(`{"x":{"dtype":"F16","shape":[1],"data_offsets":[0,1]}}`, 1),
	"bytes behind":           file(`{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, 2),
	"metadata not text":      file(`{"__metadata__":{"a":1}}`),
}

func TestHostileFilesAreErrors(t *testing.T) {
	for name, b := range hostile {
		if got, _, err := ReadSafetensors(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: read as %v", name, got)
		} else if !strings.HasPrefix(err.Error(), "safetensors: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 1, 2, 3, 4, 5, 6, 7, 8)
	for n := range len(whole) {
		path := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(path, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := LoadSafetensors(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	if _, _, err := LoadSafetensors(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

// No bytes make the reader crash, and what it accepts it writes as it read it.
func FuzzSafetensorsFile(f *testing.F) {
	for _, b := range hostile {
		f.Add(b)
	}
	f.Add(file(`{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`, 0, 0, 128, 63, 0, 0, 0, 192))
	f.Fuzz(func(t *testing.T, b []byte) {
		tensors, meta, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteSafetensors(&out, tensors, meta); err != nil {
			t.Fatal(err)
		}
		again, _, err := ReadSafetensors(&out, int64(out.Len()))
		if err != nil || len(again) != len(tensors) {
			t.Fatalf("%d tensors, %v", len(again), err)
		}
	})
}

// Types that dl does not compute with are read as the next wider.
func TestFileOfOtherTypes(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		dtype string
		bytes []byte
		want  []float64
	}{
		{"F16", []byte{0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0, 0xff, 3, 0, 0x80, 0, 0x7c, 0, 0xfc, 1, 0x7c}, // 1, -2, the largest, the smallest, ...
			[]float64{1, -2, 65504, math.Ldexp(1, -24), 1023 * math.Ldexp(1, -24), 0, inf, -inf, nan}},
		{"BF16", []byte{0x80, 0x3f, 0x20, 0xc1, 0x80, 0x7f, 0xc0, 0x7f, 1, 0}, []float64{1, -10, inf, nan, math.Ldexp(1, -133)}},
		{"F8_E4M3", []byte{0x38, 0xb8, 0x7e, 0x01, 0x08, 0x7f, 0x00}, []float64{1, -1, 448, math.Ldexp(1, -9), math.Ldexp(1, -6), nan, 0}},
		{"F8_E5M2", []byte{0x3c, 0xbc, 0x7b, 0x01, 0x04, 0x7c, 0x7e}, []float64{1, -1, 57344, math.Ldexp(1, -16), math.Ldexp(1, -14), inf, nan}},
		{"I8", []byte{0, 127, 128, 255}, []float64{0, 127, -128, -1}},
		{"I16", []byte{255, 127, 0, 128}, []float64{32767, -32768}},
		{"U16", []byte{255, 127, 0, 128}, []float64{32767, 32768}},
		{"U32", []byte{255, 255, 255, 255, 1, 0, 0, 0}, []float64{1<<32 - 1, 1}},
		{"U64", []byte{0, 0, 0, 0, 0, 0, 0, 64, 5, 0, 0, 0, 0, 0, 0, 0}, []float64{1 << 62, 5}},
	} {
		b := file(fmt.Sprintf(`{"x":{"dtype":%q,"shape":[%d,1],"data_offsets":[0,%d]},"y":{"dtype":"U8","shape":[1],"data_offsets":[%[3]d,%d]}}`,
			c.dtype, len(c.want), len(c.bytes), len(c.bytes)+1), append(c.bytes, 7)...)
		got, _, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Errorf("%s: %v", c.dtype, err)
			continue
		}
		near(t, c.dtype, got[0].Tensor, 0, c.want...)
		near(t, "behind "+c.dtype, got[1].Tensor, 0, 7)
	}
}

// A tensor of a type that nobody knows keeps nobody from the others.
func TestFileOfUnknownTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	b := file("{\"odd\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]},\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12],\"note\":[1]}}\x00\x00  \x00",
		1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 128, 63)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadSafetensors(path); err == nil || !strings.Contains(err.Error(), `tensor "odd": dtype "C64" is not known; OpenSafetensors`) {
		t.Errorf("all of them: %v", err)
	}
	f, err := OpenSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, info := range f.Tensors() {
		_, known := info.As()
		x, err := f.Read(info.Name)
		if known != (info.Name == "x") || (err == nil) != known {
			t.Errorf("%s: known %v, %v", info.Name, known, err)
		}
		if known && (x.Item() != 1 || len(x.Shape()) != 0 || info.DType != "F32") {
			t.Errorf("%s: %v", info.Name, x)
		}
	}
	if _, err := f.Read("y"); err == nil || !strings.Contains(err.Error(), path+`: there is no tensor "y"`) {
		t.Errorf("a name that is not there: %v", err)
	}
}

// What could not be read again is not written.
func TestFileRefusesWhatItCannotHold(t *testing.T) {
	x := Scalar(1)
	for _, c := range []struct {
		tensors []Named
		meta    map[string]string
		want    string
	}{
		{[]Named{{"a\xff", x}}, nil, `the name "a\xff" is not UTF-8`},
		{[]Named{{"a", x}, {"a", x}}, nil, `two tensors are called "a"`},
		{[]Named{{"a", nil}}, nil, `"a" is nil`},
		{nil, map[string]string{"k": "\xff"}, "is not UTF-8"},
	} {
		if err := WriteSafetensors(io.Discard, c.tensors, c.meta); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
