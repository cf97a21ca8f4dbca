package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// SmallHome is a home with hardly any packages, kept between runs.
func SmallHome(t *testing.T) *Home {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(root + runtime.Version()))
	dir := filepath.Join(cache, "modelbook-test", "small-"+hex.EncodeToString(sum[:6]))
	if err := PrepareFor(context.Background(), root, dir, []string{"fmt", "time", "context", "unicode"}, nil); err != nil {
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
