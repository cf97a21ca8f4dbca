package build

import (
	"context"
	"testing"

	"modelbook/kernel/build/testhome"
)

// SmallHome is a home with hardly any packages, kept between runs.
func SmallHome(t *testing.T) *Home {
	t.Helper()
	dir, root, err := testhome.Path("small")
	if err != nil {
		t.Fatal(err)
	}
	if err := PrepareFor(context.Background(), root, dir, []string{"fmt", "time", "context", "unicode", "reflect"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir); err != nil {
		t.Fatal(err)
	}
	h, err := OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
