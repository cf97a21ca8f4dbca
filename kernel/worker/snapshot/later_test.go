package snapshot

import (
	"bytes"
	"reflect"
	"testing"
)

// before writes a structure as it was; what comes now has more fields, also
// inside an interface.
func before(t *testing.T) []byte {
	type inner struct{ A int }
	type Outer struct {
		In   inner
		List []*inner
		Any  any
		End  string
	}
	var b bytes.Buffer
	wrote, err := Write(&b, map[string]any{"v": &Outer{inner{1}, []*inner{{2}}, 7, "end"}}, nil)
	if err != nil || len(wrote.Done) != 1 {
		t.Fatal(err, wrote)
	}
	return b.Bytes()
}

func TestLaterFieldsAreNotAskedOfOlderFiles(t *testing.T) {
	type inner struct {
		B string `since:"2"`
		A int
		C []int `since:"2"`
	}
	type Outer struct {
		In   inner
		List []*inner
		More func() `since:"3"`
		Any  any
		End  string
	}
	var v Outer
	read, err := Read(before(t), map[string]any{"v": &v}, map[string]reflect.Type{}, nil)
	if err == nil && len(read.Done) == 1 {
		t.Error("a value whose type is not known is read") // int of Any has no key in types
	}
	read, err = Read(before(t), map[string]any{"v": &v}, map[string]reflect.Type{keyOf(t): reflect.TypeFor[int]()}, nil)
	if err != nil || len(read.Done) != 1 {
		t.Fatal(err, read)
	}
	if v.In.A != 1 || v.List[0].A != 2 || v.Any != 7 || v.End != "end" || v.In.B != "" {
		t.Errorf("%+v", v)
	}
	// What is written now has all fields.
	v.In.B, v.List[0].C = "b", []int{3}
	var b bytes.Buffer
	if _, err := Write(&b, map[string]any{"v": &v}, nil); err != nil {
		t.Fatal(err)
	}
	var again Outer
	if _, err := Read(b.Bytes(), map[string]any{"v": &again}, map[string]reflect.Type{keyOf(t): reflect.TypeFor[int]()}, nil); err != nil {
		t.Fatal(err)
	}
	if again.In.B != "b" || again.List[0].C[0] != 3 {
		t.Errorf("%+v", again)
	}
}

// keyOf is the key of int in a file.
func keyOf(t *testing.T) string {
	var b bytes.Buffer
	wrote, err := Write(&b, map[string]any{"x": new(any(1))}, nil)
	if err != nil || len(wrote.Types) != 1 {
		t.Fatal(err, wrote)
	}
	return wrote.Types[0].Key
}
