package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	area("sequence", map[string]any{
		"ClassToken": ClassToken{}, "Step": Step{}, "Step last": Step{At: -1},
	})
}

func TestStepThatIsNotThere(t *testing.T) {
	if _, err := Sequential(dl.Shape{2, 3}, Step{At: 2}); err == nil || !strings.Contains(err.Error(), "has 2 positions") {
		t.Error(err)
	}
}
