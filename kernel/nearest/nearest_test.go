package nearest

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	names := []string{"help", "history", "cd", "whos", "who", "Println", "Printf", "Print"}
	for _, test := range []struct {
		typed string
		want  []string
	}{
		{"hlep", []string{"help"}},      // swapped letters are one change
		{"Prinln", []string{"Println"}}, // the fewest changes win
		{"WHO", []string{"who"}},        // capitals are no change
		{"xelp", []string{"help"}},
		{"xlep", nil}, // people know how a name begins
		{"cx", nil},   // too short to guess
		{"completely different", nil},
	} {
		if got := Names(test.typed, names); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.typed, got, test.want)
		}
	}
}
