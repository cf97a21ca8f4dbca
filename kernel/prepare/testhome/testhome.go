// Package testhome gives tests homes: folders with what they compile ahead, kept
// in the user's cache between runs.
package testhome

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"modelbook/kernel/prepare"
	"modelbook/kernel/toolchain"
)

// Path returns the folder of a home for tests, and the root of the source tree
// that it is made from, which is the one that the test runs in. Each source tree
// and each Go release has homes of its own.
func Path(name string) (home, root string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", err
	}
	if root, err = os.Getwd(); err != nil {
		return "", "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(root)
		if up == root {
			return "", "", errors.New("tests run in modelbook's source tree")
		}
		root = up
	}
	sum := sha256.Sum256([]byte(root + runtime.Version()))
	return filepath.Join(cache, "modelbook-test", name+"-"+hex.EncodeToString(sum[:6])), root, nil
}

// Small returns a home with hardly any packages.
func Small(t testing.TB) *toolchain.Home {
	t.Helper()
	dir, root, err := Path("small")
	if err != nil {
		t.Fatal(err)
	}
	if err := prepare.HomeWith(context.Background(), root, dir, []string{"fmt", "time", "context", "unicode", "reflect"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := toolchain.CheckHome(dir); err != nil {
		t.Fatal(err)
	}
	h, err := toolchain.OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
