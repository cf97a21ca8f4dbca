package dl

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tensors of every type and shape that NumPy has go through npy and npz files with all of their bits, views too.
func TestNpyFilesKeepEveryBit(t *testing.T) {
	dir := t.TempDir()
	var all []Named
	for d := range places {
		for _, shape := range []Shape{{}, {1}, {7}, {3, 5}, {0, 2}, {2, 1, 3, 2}} {
			x := numbered(shape...).AddScalar(-3).To(d)
			path := filepath.Join(dir, "x.npy")
			err := SaveNpy(path, x)
			if d == BFloat16 {
				if err == nil || !strings.Contains(err.Error(), "NumPy has no bfloat16") {
					t.Errorf("bfloat16: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			y, err := LoadNpy(path)
			if err != nil {
				t.Fatal(err)
			}
			if y.DType() != d || y.String() != x.String() {
				t.Errorf("%v became %v", x, y)
			}
			all = append(all, Named{d.String() + shape.String(), x})
		}
	}
	special := Of([]float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 1e-320, 1, 2}, 2, 3)
	all = append(all, Named{"special", special.T()})
	path := filepath.Join(dir, "all.npz")
	if err := SaveNpz(path, all); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadNpz(path)
	if err != nil || len(loaded) != len(all) {
		t.Fatal(len(loaded), err)
	}
	for i, n := range loaded {
		if n.Name != all[i].Name || n.Tensor.String() != all[i].Tensor.String() || n.Tensor.DType() != all[i].Tensor.DType() {
			t.Errorf("%s: %v became %v", n.Name, all[i].Tensor, n.Tensor)
		}
	}
	for _, bad := range [][]Named{{{"a", special}, {"a", special}}, {{"a", nil}}, {{"a", New(BFloat16, 1)}}} {
		if err := SaveNpz(path, bad); err == nil {
			t.Errorf("%v is saved", bad)
		}
	}
	if again, err := LoadNpz(path); err != nil || len(again) != len(all) { // what failed left the file alone
		t.Error(len(again), err)
	}
}

// Files that NumPy wrote are read: testdata/arrays.py made them.
func TestNpyFilesOfNumPy(t *testing.T) {
	all, err := LoadNpz("testdata/arrays.npz")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*Tensor{
		"fortran": Of([]float32{0, 1, 2, 3, 4, 5}, 2, 3), "big": Of([]int32{1, -2, 1 << 20}), "half": Of([]float32{0.5, -2}).To(Float16),
		"bools": Of([]bool{true, false}), "scalar": Of([]float64{2.5}, Shape{}...), "bytes": Of([]uint8{0, 255}, 1, 2),
		"long": Of([]int64{1<<60 + 1}), "cube": Arange(24).Reshape(2, 3, 4).To(Float64),
	}
	if len(all) != len(want) {
		t.Errorf("%d arrays", len(all))
	}
	for _, n := range all {
		if w := want[n.Name]; w == nil || n.Tensor.DType() != w.DType() || n.Tensor.String() != w.String() {
			t.Errorf("%s is %v, want %v", n.Name, n.Tensor, w)
		}
	}
}

// npyWith is an npy file of version 1 with a header.
func npyWith(header, elements string) string {
	return npyMagic + "\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + elements
}

// Damaged and hostile files are errors, and take no memory that they only claim.
func TestDamagedNpyFiles(t *testing.T) {
	head := func(descr, fortran, shape string) string {
		return "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n"
	}
	for says, file := range map[string]string{
		"not an npy file":                      "PK\x03\x04........",
		"version 9":                            npyMagic + "\x09\x00..",
		"ends in its header":                   npyMagic + "\x01\x00\xff\x00{",
		"is too long":                          npyMagic + "\x02\x00\xff\xff\xff\x7f",
		"is not one of an array":               npyWith("{'descr': '<f4'}\n", ""),
		"type \"<c16\"":                        npyWith(head("'<c16'", "False", "(1,)"), ""),
		"type \"<u8\"":                         npyWith(head("'<u8'", "False", "(1,)"), ""),
		"are 8 bytes, the file has 4":          npyWith(head("'<f4'", "False", "(2,)"), "1234"),
		"the file has more than 4":             npyWith(head("'<f4'", "False", "(1,)"), "123456"),
		"no memory for a shape":                npyWith(head("'<f4'", "False", "(99999999999999, 99999999999)"), ""),
		"the file has 3":                       npyWith(head("'<f8'", "False", "(1000000000, 1000)"), "123"),
		"the header \"{'descr': '<f4', 'shape": npyWith("{'descr': '<f4', 'shape': (1,), 'shape': (1,), }\n", "1234"),
	} {
		if _, err := ReadNpy(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	whole, err := os.ReadFile("testdata/arrays.npz")
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := ReadNpz(bytes.NewReader(whole[:n]), int64(n)); err == nil {
			t.Fatalf("a file cut to %d bytes is read", n)
		}
	}
	if _, err := LoadNpz("testdata/none.npz"); err == nil {
		t.Error("no file")
	}
}

// Whatever a file has, reading it gives a tensor or an error; a tensor that was read is written and read again.
func FuzzReadNpy(f *testing.F) {
	f.Add([]byte(npyWith("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }\n", "12345678")))
	f.Add([]byte(npyWith("{'descr': '|b1', 'fortran_order': False, 'shape': (), }\n", "1")))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ReadNpy(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteNpy(&again, x); err != nil {
			t.Fatal(err)
		}
		y, err := ReadNpy(&again)
		if err != nil || !y.Shape().Equal(x.Shape()) || y.DType() != x.DType() {
			t.Fatalf("%v became %v, %v", x, y, err)
		}
	})
}

func FuzzReadNpz(f *testing.F) {
	whole, err := os.ReadFile("testdata/arrays.npz")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) { ReadNpz(bytes.NewReader(b), int64(len(b))) })
}
