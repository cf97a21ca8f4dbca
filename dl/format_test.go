package dl

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Tensors are printed as PyTorch prints them, with shape and dtype behind: testdata/printed.py recorded it, and says what
// is other than there.
func TestPrintsWhatPyTorchPrinted(t *testing.T) {
	b, err := os.ReadFile("testdata/printed.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			array
			Text string
		}
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) < 15 {
		t.Fatal(len(all.Cases))
	}
	for _, c := range all.Cases {
		c.DType = "float32"
		x := c.tensor(t)
		got, _, _ := strings.Cut(x.String(), ", shape=")
		if got+")" != c.Text {
			t.Errorf("printed\n%s)\nPyTorch prints\n%s", got, c.Text)
		}
	}
}
