package sealed

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/google/renameio/v2"
)

var (
	// ErrWrongKey is the error of a key that a file was not sealed for.
	ErrWrongKey = errors.New("the key does not open this file")
	// ErrDamaged is the error of a file that is not as it was written: changed, cut off, or with something behind
	// its end.
	ErrDamaged = errors.New("the file is damaged")
	// ErrNotSealed is the error of a file that is not encrypted at all.
	ErrNotSealed = errors.New("the file is not encrypted")
)

// Magic is what encrypted files begin with.
const Magic = "age-encryption.org/v1"

// Writer encrypts what is written to it for the keys, each of which opens it; a passphrase stands alone. Close writes
// the end, and does not close w.
func Writer(w io.Writer, keys ...Key) (io.WriteCloser, error) {
	if len(keys) == 0 {
		return nil, errors.New("sealed: there is no key to seal with")
	}
	var to []age.Recipient
	for i, k := range keys {
		switch {
		case k.recipient == nil:
			return nil, fmt.Errorf("sealed: key %d is none: make one with NewKey, ParseKey or Passphrase", i+1)
		case k.public == "" && len(keys) > 1:
			return nil, errors.New("sealed: a file for a passphrase is for that alone")
		}
		to = append(to, k.recipient)
	}
	out, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("sealed: %w", err)
	}
	return out, nil
}

// Reader decrypts what a Writer has written. Nothing that it hands out was changed; that nothing is missing is
// known when it ends with io.EOF.
func Reader(r io.Reader, k Key) (io.Reader, error) {
	if k.identity == nil {
		return nil, noSecret(k)
	}
	in := &beginning{r: r}
	out, err := age.Decrypt(in, k.identity)
	if err != nil {
		return nil, told(err, in.text, k)
	}
	return &checked{out}, nil
}

func noSecret(k Key) error {
	if k.recipient == nil {
		return errors.New("sealed: there is no key: make one with ParseKey or Passphrase")
	}
	return errors.New("sealed: a public key does not open files; give the secret one")
}

// beginning notes how a file begins.
type beginning struct {
	r    io.Reader
	text []byte
}

func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if room := len(Magic) - len(b.text); room > 0 {
		b.text = append(b.text, p[:min(n, room)]...)
	}
	return n, err
}

// told says what an error of opening means.
func told(err error, begins []byte, k Key) error {
	var none *age.NoIdentityMatchError
	switch {
	case string(begins) != Magic:
		return fmt.Errorf("sealed: %w: it does not begin as files of age do", ErrNotSealed)
	case !errors.As(err, &none):
		return fmt.Errorf("sealed: %w: %w", ErrDamaged, err)
	}
	phrase := slices.Contains(none.StanzaTypes, "scrypt")
	switch {
	case phrase && k.public != "":
		return fmt.Errorf("sealed: %w: it is sealed with a passphrase, and a key was given", ErrWrongKey)
	case phrase:
		return fmt.Errorf("sealed: %w: the passphrase is another one", ErrWrongKey)
	case k.public == "":
		return fmt.Errorf("sealed: %w: it is sealed for a key, and a passphrase was given", ErrWrongKey)
	}
	return fmt.Errorf("sealed: %w: it is sealed for another key than %s", ErrWrongKey, k)
}

// checked says of an error in the middle that the file is damaged.
type checked struct{ r io.Reader }

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && err != io.EOF {
		var path *os.PathError
		switch {
		case errors.As(err, &path): // of the disk
		case errors.Is(err, io.ErrUnexpectedEOF):
			err = fmt.Errorf("sealed: %w: its end is missing", ErrDamaged)
		default:
			err = fmt.Errorf("sealed: %w: %w", ErrDamaged, err)
		}
	}
	return n, err
}

// Save writes a file of what write writes, encrypted. The file, which only its owner may read, is replaced in one
// step when all is written, or not at all. The plain text is never on the disk.
func Save(path string, k Key, write func(w io.Writer) error) error {
	return SaveFor(path, []Key{k}, write)
}

// SaveFor is Save for several keys, each of which opens the file.
func SaveFor(path string, keys []Key, write func(w io.Writer) error) (err error) {
	if write == nil {
		return errors.New("sealed: there is no function that writes")
	}
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer file.Cleanup()
	out, err := Writer(file, keys...)
	if err != nil {
		return err
	}
	if err := write(out); err != nil {
		return fmt.Errorf("sealed: writing %s: %w", path, err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("sealed: writing %s: %w", path, err)
	}
	return file.CloseAtomicallyReplace()
}

// File is an open encrypted file.
type File struct {
	*io.SectionReader // of the plain text
	file              *os.File
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// at is a ReaderAt that says of errors what they mean.
type at struct{ r io.ReaderAt }

func (a at) ReadAt(p []byte, off int64) (int, error) {
	n, err := a.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		var path *os.PathError
		if !errors.As(err, &path) {
			err = fmt.Errorf("sealed: %w: %w", ErrDamaged, err)
		}
	}
	return n, err
}

// Open opens an encrypted file, of which it reads the end, so that one that is cut off is noticed at once. Parts
// may be read in any order; each is checked when it is read.
func Open(path string, k Key) (_ *File, err error) {
	if k.identity == nil {
		return nil, noSecret(k)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("sealed: %s is not a file", path)
	}
	begins := make([]byte, len(Magic))
	n, err := f.ReadAt(begins, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	plain, size, err := age.DecryptReaderAt(f, info.Size(), k.identity)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, told(err, begins[:n], k))
	}
	return &File{io.NewSectionReader(at{plain}, 0, size), f}, nil
}

// Load gives read the plain text of an encrypted file, of which it says the size, and reads what read has left: only a
// nil error says that the whole file is as it was written.
func Load(path string, k Key, read func(r io.Reader, size int64) error) (err error) {
	if read == nil {
		return errors.New("sealed: there is no function that reads")
	}
	f, err := Open(path, k)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := read(f, f.Size()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if _, err := io.Copy(io.Discard, f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Encrypt writes an encrypted copy of a file beside it, with the name ending .age, and returns its name. The plain
// file is left where it is: delete it, and remember that deleting does not overwrite.
func Encrypt(path string, keys ...Key) (sealed string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	sealed = path + ".age"
	if strings.HasSuffix(path, ".age") {
		return "", fmt.Errorf("sealed: %s is encrypted already, by its name", path)
	}
	return sealed, SaveFor(sealed, keys, func(w io.Writer) error { _, err := io.Copy(w, in); return err })
}
