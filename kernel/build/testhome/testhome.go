// Package testhome says where tests keep what they compile ahead.
package testhome

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Path is the folder of a home for tests, in the user's cache, and the source
// tree that it is made of: the one that the test is run in. Every tree and every
// Go release has homes of its own, so that one finds what it left behind and
// nobody else's.
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
