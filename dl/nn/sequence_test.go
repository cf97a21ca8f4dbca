package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	area("sequence", map[string]any{
		"Reshape": Reshape{Shape: []int{3, 4}}, "Reshape what is left": Reshape{Shape: []int{-1}},
		"ClassToken": ClassToken{}, "Step": Step{}, "Step last": Step{At: -1},
	})
}

func TestShapesThatCannotBe(t *testing.T) {
	for want, layer := range map[string]Layer{
		"does not have the 6 elements": Reshape{Shape: []int{4}},
		"[-1 -1] is impossible":        Reshape{Shape: []int{-1, -1}},
		"[0] is impossible":            Reshape{Shape: []int{0}},
		"has 2 positions":              Step{At: 2},
	} {
		if _, err := Sequential(dl.Shape{2, 3}, layer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
