package still

import (
	"reflect"
	"testing"
)

func TestEntriesAreThoseOfTheMap(t *testing.T) {
	type holder struct{ hidden map[string][]int }
	m := map[string][]int{"a": {1}, "b": nil, "c": {2, 3}}
	for name, v := range map[string]reflect.Value{"map": reflect.ValueOf(m), "hidden map": reflect.ValueOf(holder{m}).Field(0)} {
		keys, values, err := Entries(v, 100)
		if err != nil || keys.Len() != 3 || values.Len() != 3 {
			t.Fatalf("%s: %v, %v, %v", name, keys, values, err)
		}
		for i := range 3 {
			key, value := keys.Index(i), values.Index(i)
			if want := m[key.String()]; value.Len() != len(want) || len(want) > 0 && value.Index(0).Int() != int64(want[0]) {
				t.Errorf("%s: %v has %v", name, key, value)
			}
			if key.CanInterface() != v.CanInterface() || value.CanInterface() != v.CanInterface() {
				t.Errorf("%s: what comes out of it can be used further: %v, %v", name, key.CanInterface(), value.CanInterface())
			}
		}
		if keys, values, err := Entries(v, 2); err != nil || keys.Len() != 2 || values.Len() != 2 {
			t.Errorf("%s: of two, %v, %v, %v", name, keys, values, err)
		}
	}
	if keys, _, err := Entries(reflect.ValueOf(map[int]any(nil)), 5); err != nil || keys.Len() != 0 {
		t.Errorf("of nil %v, %v", keys, err)
	}
	keys, values, err := Entries(reflect.ValueOf(map[any]any{1: nil, "x": 2}), 5)
	if err != nil || keys.Index(0).Kind() != reflect.Interface || values.Index(0).Kind() != reflect.Interface {
		t.Errorf("interfaces %v, %v, %v", keys, values, err)
	}
}

func TestCopiesAreCopies(t *testing.T) {
	x, s, big := 1, []int{1, 2}, [1000]int{5}
	list := Copies([]any{&x, &s, &big}, 100)
	x, s, big[0] = 2, nil, 6
	if list[0].Int() != 1 || list[1].Len() != 2 || list[2].Index(0).Int() != 6 {
		t.Errorf("%v", list)
	}
}
