package plotting

import (
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		return
	}
	for name, f := range gallery {
		fig := f()
		if err := fig.Save(dir + "/" + name + ".png"); err != nil {
			t.Fatal(err)
		}
		fig.Save(dir + "/" + name + ".svg")
	}
}
