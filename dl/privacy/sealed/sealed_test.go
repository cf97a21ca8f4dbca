package sealed

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
)

func init() { work = 10 } // a passphrase of a test may be guessed

func key(t testing.TB) Key {
	t.Helper()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func phrase(t testing.TB, text string) Key {
	t.Helper()
	k, err := Passphrase(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func text(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func write(b []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(b); return err }
}

func read(path string, k Key) (b []byte, err error) {
	err = Load(path, k, func(r io.Reader, size int64) error {
		b, err = io.ReadAll(r)
		if err == nil && int64(len(b)) != size {
			return fmt.Errorf("%d bytes of %d", len(b), size)
		}
		return err
	})
	return b, err
}

func TestWhatIsSealedComesBack(t *testing.T) {
	dir := t.TempDir()
	secret := key(t)
	for name, k := range map[string]Key{"key": secret, "passphrase": phrase(t, "correct horse battery staple")} {
		for _, n := range []int{0, 1, 65535, 65536, 65537, 200_000} {
			path, want := filepath.Join(dir, name), text(n)
			if err := Save(path, k, write(want)); err != nil {
				t.Fatal(err)
			}
			if got, err := read(path, k); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: %d of %d bytes came back, %v", name, len(got), n, err)
			}
			file, err := os.ReadFile(path)
			if err != nil || n >= 64 && bytes.Contains(file, want[:32]) {
				t.Fatal("the file holds the plain text", err)
			}
			r, err := Reader(bytes.NewReader(file), k)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: as a stream %d of %d bytes came back, %v", name, len(got), n, err)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Error("others may read the file", err)
			}
		}
	}
	parsed, err := ParseKey("# a comment\n\n" + secret.Secret() + "\n")
	if err != nil || parsed.String() != secret.String() {
		t.Fatal(parsed, err)
	}
	public, err := ParseKey(secret.String())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "both")
	if err := SaveFor(path, []Key{public, key(t)}, write(text(10))); err != nil {
		t.Fatal(err)
	}
	if _, err := read(path, parsed); err != nil {
		t.Error(err)
	}
	if _, err := Open(path, public); err == nil || !strings.Contains(err.Error(), "secret one") {
		t.Error("a public key opens a file:", err)
	}
	plain := filepath.Join(dir, "plain.csv")
	if err := os.WriteFile(plain, text(1000), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := Encrypt(plain, secret)
	if err != nil || name != plain+".age" {
		t.Fatal(name, err)
	}
	if got, err := read(name, secret); err != nil || !bytes.Equal(got, text(1000)) {
		t.Error(err)
	}
	if _, err := Encrypt(name, secret); err == nil {
		t.Error("an encrypted file is encrypted again")
	}
}

func TestWrongKeysAreSaid(t *testing.T) {
	dir := t.TempDir()
	keyed, phrased, plain := filepath.Join(dir, "keyed"), filepath.Join(dir, "phrased"), filepath.Join(dir, "plain")
	a, p := key(t), phrase(t, "one")
	if err := errors.Join(Save(keyed, a, write(text(100))), Save(phrased, p, write(text(100))), os.WriteFile(plain, text(100), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		k     Key
		is    error
		words string
	}{
		{keyed, key(t), ErrWrongKey, "another key"},
		{keyed, p, ErrWrongKey, "a passphrase was given"},
		{phrased, a, ErrWrongKey, "a key was given"},
		{phrased, phrase(t, "two"), ErrWrongKey, "another one"},
		{plain, a, ErrNotSealed, "not encrypted"},
		{filepath.Join(dir, "none"), a, os.ErrNotExist, "none"},
		{keyed, Key{}, nil, "no key"},
	} {
		_, err := read(c.path, c.k)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s with %v: %v", filepath.Base(c.path), c.k, err)
		}
		if c.is == ErrWrongKey || c.is == ErrNotSealed {
			file, _ := os.ReadFile(c.path)
			if _, err := Reader(bytes.NewReader(file), c.k); !errors.Is(err, c.is) {
				t.Errorf("%s as a stream: %v", filepath.Base(c.path), err)
			}
		}
	}
}

// Any byte that is changed, and any end that is cut off, is an error, in a file and in a stream, and never other text.
func TestDamageIsNoticed(t *testing.T) {
	dir := t.TempDir()
	k, want := key(t), text(150_000)
	path := filepath.Join(dir, "whole")
	if err := Save(path, k, write(want)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, b []byte) {
		t.Helper()
		path := filepath.Join(dir, "damaged")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := read(path, k)
		if err == nil {
			t.Errorf("%s: the file is read", what)
		} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrNotSealed) {
			t.Errorf("%s: %v", what, err)
		}
		r, err := Reader(bytes.NewReader(b), k)
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if err == nil || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: the stream ends with %v", what, err)
		}
		if !bytes.HasPrefix(want, got) {
			t.Errorf("%s: other text comes out", what)
		}
	}
	for _, at := range []int{0, 5, 30, 60, 150, 190, 300, 70_000, len(whole) - 1} {
		b := bytes.Clone(whole)
		b[at] ^= 1
		check(fmt.Sprintf("byte %d changed", at), b)
	}
	for _, n := range []int{0, 1, 100, 200, 65_000, 200 + 65_552, len(whole) - 1} {
		check(fmt.Sprintf("cut off after %d bytes", n), whole[:n])
	}
	check("something behind the end", append(bytes.Clone(whole), 0))
}

// A file that could not be written whole leaves the old one, and nothing beside it.
func TestFailedSavesLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	path, k := filepath.Join(dir, "a"), key(t)
	if err := Save(path, k, write(text(10))); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	err := Save(path, k, func(w io.Writer) error {
		if _, err := w.Write(text(1 << 20)); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Error(err)
	}
	if got, err := read(path, k); err != nil || len(got) != 10 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Error("left behind:", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Error("left behind:", left)
	}
	if err := Load(path, k, func(io.Reader, int64) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}

// A key is not printed, nor written among other values.
func TestKeysAreNotShown(t *testing.T) {
	k, p := key(t), phrase(t, "open sesame")
	for _, s := range []string{fmt.Sprint(k, p), fmt.Sprintf("%+v %#v", k, k), fmt.Sprintf("%v %+v %#v", p, p, p), fmt.Sprintf("%v", []Key{k, p}),
		fmt.Sprintf("%+v %#v", struct{ a, b Key }{k, p}, struct{ a, b Key }{k, p})} {
		if strings.Contains(s, "SECRET") || strings.Contains(s, "sesame") {
			t.Errorf("shown: %s", s)
		}
	}
	if _, err := json.Marshal(k); err == nil {
		t.Error("JSON holds a key")
	}
	if err := gob.NewEncoder(io.Discard).Encode(k); err == nil {
		t.Error("gob holds a key")
	}
}

func TestMistakes(t *testing.T) {
	k, p := key(t), phrase(t, "one")
	path := filepath.Join(t.TempDir(), "a")
	parse := func(s string) error { _, err := ParseKey(s); return err }
	for words, f := range map[string]func() error{
		"is empty":                   func() error { _, err := Passphrase(""); return err },
		"no key in the text":         func() error { return parse("# nothing\n") },
		"line 1 is no key":           func() error { return parse("hello") },
		"line 1 is a damaged secret": func() error { return parse("AGE-SECRET-KEY-1XYZ") },
		"line 1 is a damaged public": func() error { return parse("age1xyz") },
		"second key":                 func() error { return parse(k.Secret() + "\n" + k.Secret()) },
		"no public part":             func() error { _, err := p.Public(); return err },
		"no key to seal with":        func() error { _, err := Writer(io.Discard); return err },
		"key 1 is none":              func() error { _, err := Writer(io.Discard, Key{}); return err },
		"for that alone":             func() error { _, err := Writer(io.Discard, k, p); return err },
		"no function that writes":    func() error { return Save(path, k, nil) },
		"no function that reads":     func() error { return Load(path, k, nil) },
		"there is no key":            func() error { _, err := Reader(strings.NewReader(""), Key{}); return err },
	} {
		var err error
		if fault := dl.Try(func() { err = f() }); fault != nil {
			t.Errorf("%s: %v", words, fault)
		}
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "SECRET-KEY-1X") {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// Bytes from outside never crash, and never come out as text.
func FuzzReader(f *testing.F) {
	k := key(f)
	var b bytes.Buffer
	w, err := Writer(&b, k)
	if err != nil {
		f.Fatal(err)
	}
	w.Write(text(100))
	w.Close()
	f.Add(b.Bytes())
	f.Add([]byte(Magic + "\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Reader(bytes.NewReader(in), k)
		if err != nil {
			return
		}
		if got, err := io.ReadAll(r); err == nil && !bytes.Equal(got, text(100)) {
			t.Errorf("%d bytes of text that nobody sealed", len(got))
		}
	})
}
