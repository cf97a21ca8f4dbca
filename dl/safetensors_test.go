package dl

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fileBytes are the bytes of a tensor in a file.
func fileBytes(t *testing.T, f *SafetensorsFile, name string) []byte {
	t.Helper()
	i := slices.IndexFunc(f.infos, func(info TensorInfo) bool { return info.Name == name })
	if i < 0 {
		t.Fatalf("there is no %q", name)
	}
	b := make([]byte, f.infos[i].hi-f.infos[i].lo)
	if _, err := f.where[i].f.ReadAt(b, f.where[i].header+f.infos[i].lo); err != nil {
		t.Fatal(err)
	}
	return b
}

// types.safetensors is written by PyTorch, see types_of_files.py. What is read from
// it has the values that PyTorch gives it, and written again it has the same
// bytes, type for type.
func TestFilesOfPyTorch(t *testing.T) {
	if device != backend(cpu{}) {
		t.Skip("the checking backend takes a NaN of ones only, which the file has, for memory that nobody has written")
	}
	theirs, err := OpenSafetensors("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	var again []Named
	as := map[string]string{}
	for _, info := range theirs.Tensors() {
		name := info.Name
		x, err := theirs.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != info.DType { // the values of another, or converted ones
			if _, converted, ok := strings.Cut(name, "source as "); ok {
				source, err := theirs.Read("source")
				if err != nil {
					t.Fatal(err)
				}
				again, as[name] = append(again, Named{name, source}), converted
			}
			continue
		}
		value, err := theirs.Read(name + " value")
		if err != nil {
			t.Fatal(err)
		}
		got, want := Values[float64](x.To(Float64)), Values[float64](value)
		for i := range want {
			if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
				t.Errorf("%s: element %d is %v, PyTorch reads %v", name, i, got[i], want[i])
			}
		}
		again, as[name] = append(again, Named{name, x}), info.DType
	}
	if len(again) != 20 {
		t.Fatalf("%d tensors", len(again))
	}
	path := filepath.Join(t.TempDir(), "again.safetensors")
	if err := SaveSafetensorsAs(path, again, theirs.Metadata(), as); err != nil {
		t.Fatal(err)
	}
	ours, err := OpenSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	for _, n := range again {
		got, want := fileBytes(t, ours, n.Name), fileBytes(t, theirs, n.Name)
		if i := slices.IndexFunc(ours.infos, func(info TensorInfo) bool { return info.Name == n.Name }); ours.infos[i].DType != as[n.Name] {
			t.Errorf("%s is written as %s", n.Name, ours.infos[i].DType)
		}
		if as[n.Name] == "F16" || as[n.Name] == "BF16" || strings.HasPrefix(as[n.Name], "F8") { // of NaNs, that they are some
			for i := range len(got) {
				if got[i] == want[i] {
					continue
				}
				x, err := ours.Read(n.Name)
				if err != nil {
					t.Fatal(err)
				}
				y, _ := theirs.Read(n.Name)
				size := len(got) / x.Size()
				if a, b := Values[float64](x.To(Float64))[i/size], Values[float64](y.To(Float64))[i/size]; !math.IsNaN(a) || !math.IsNaN(b) {
					t.Errorf("%s: byte %d is %#x (%v), PyTorch writes %#x (%v)", n.Name, i, got[i], a, want[i], b)
				}
			}
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: % x, PyTorch writes % x", n.Name, got, want)
		}
	}
}

func TestWhatATypeOfFilesCannotHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	for _, c := range []struct {
		x    *Tensor
		as   string
		want string
	}{
		{Of([]int64{300}), "U8", "element 0, 300, is not from 0 to 255"},
		{Of([]int64{0, -1}), "U64", "element 1, -1, is not from 0"},
		{Of([]float64{0.5}), "I32", "is no integer"},
		{Of([]float64{math.NaN()}), "I32", "is no integer"},
		{Of([]float64{1}), "F7", "no type that dl knows"},
		{Of([]float64{1}), "F8_E8M0", "does not write"},
	} {
		err := SaveSafetensorsAs(path, []Named{{"x", c.x}}, nil, map[string]string{"": c.as})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%v as %s: %v, want %q", c.x, c.as, err, c.want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatal("a file is left")
		}
	}
	for as, want := range map[string]float64{"F8_E8M0": 0.25, "F8_E4M3FNUZ": 0.25 * 7.5, "F8_E5M2FNUZ": 0} {
		bits := map[string]byte{"F8_E8M0": 125, "F8_E4M3FNUZ": 0x47, "F8_E5M2FNUZ": 0x80}[as]
		if as == "F8_E4M3FNUZ" { // exponent 8-8, fraction 7/8
			want = 1.875
		}
		b := file(fmt.Sprintf(`{"x":{"dtype":%q,"shape":[],"data_offsets":[0,1]}}`, as), bits)
		got, _, err := ReadSafetensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if v := got[0].Tensor.Item(); v != want && !(as == "F8_E5M2FNUZ" && math.IsNaN(v)) {
			t.Errorf("%s: %v, want %v", as, v, want)
		}
	}
}

// Files of an index are read as one.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors.index.json")
	want := []Named{{"a", Of([]float32{1, 2})}, {"b", Of([]float32{3, 4, 5, 6})}, {"c", Of([]int64{7})}, {"d", Scalar(8)}}
	if err := SaveSafetensorsShards(path, want, map[string]string{"by": "test"}, 16); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "model-*-of-00003.safetensors"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%q, %v", files, err)
	}
	got, meta, err := LoadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || meta["by"] != "test" || meta["total_size"] != "36" {
		t.Fatalf("%v, %v", got, meta)
	}
	for i, n := range want {
		if got[i].Name != n.Name || got[i].Tensor.String() != n.Tensor.String() {
			t.Errorf("%v, want %v", got[i], n)
		}
	}
	for index, want := range map[string]string{
		`{`:               "the index",
		`{"metadata":{}}`: "weight_map",
		`{"weight_map":{"a":"../x.safetensors"}}`:                                                    "not the name of a file",
		`{"weight_map":{"a":"/x.safetensors"}}`:                                                      "not the name of a file",
		`{"weight_map":{"a":"model-00002-of-00003.safetensors"}}`:                                    `no tensor "a"`,
		`{"weight_map":{"a":"missing.safetensors"}}`:                                                 "missing.safetensors",
		`{"weight_map":{"a":"model-00001-of-00003.safetensors","z":"model.safetensors.index.json"}}`: "header",
	} {
		if err := os.WriteFile(path, []byte(index), 0o666); err != nil {
			t.Fatal(err)
		}
		if f, err := OpenSafetensors(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", index, f, err, want)
		}
	}
	for name, max := range map[string]int64{"model.json": 9, "m.safetensors.index.json": 0} {
		if err := SaveSafetensorsShards(filepath.Join(dir, name), want, nil, max); err == nil {
			t.Errorf("%s of %d bytes is written", name, max)
		}
	}
}

func ExampleSaveSafetensorsShards() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	index := filepath.Join(dir, "model.safetensors.index.json")
	tensors := []Named{{"embedding", Ones(4, 2)}, {"head", Ones(2, 4)}}
	if err := SaveSafetensorsShards(index, tensors, nil, 32); err != nil {
		panic(err)
	}
	f, err := OpenSafetensors(index) // the transformers library has such an index beside the files of large models
	if err != nil {
		panic(err)
	}
	defer f.Close()
	for _, info := range f.Tensors() {
		fmt.Println(info.Name, info.DType, info.Shape)
	}
	// Output:
	// embedding F32 [4 2]
	// head F32 [2 4]
}

func ExampleSaveSafetensorsAs() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "small.safetensors")
	x := Of([]float32{0.1, 1, 300})
	if err := SaveSafetensorsAs(path, []Named{{"x", x}}, nil, map[string]string{"x": "F8_E4M3"}); err != nil {
		panic(err)
	}
	tensors, _, err := LoadSafetensors(path)
	if err != nil {
		panic(err)
	}
	fmt.Println(tensors[0].Tensor.Float32s())
	// Output: [0.1015625 1 288]
}
