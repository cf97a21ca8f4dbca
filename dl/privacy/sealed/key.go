package sealed

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
)

// Key is what a file is sealed with and opened with: a passphrase, a secret key, which does both, or a public key,
// which only seals. The zero Key is none.
type Key struct {
	recipient age.Recipient
	identity  age.Identity // nil: seals only
	public    string       // "age1...", or "" of a passphrase
	secret    *string      // "AGE-SECRET-KEY-1...", or the passphrase: a pointer, which fmt shows as a place in memory
}

// work is the logarithm of the number of steps that make a key of a passphrase: about a second. (A variable for tests.)
var work = 18

// Passphrase is the key of a passphrase. Each opening takes about a second and 256 MB, so that guessing is expensive;
// what is short or known is guessed all the same: take four random words or more.
func Passphrase(text string) (Key, error) {
	if text == "" {
		return Key{}, errors.New("sealed: the passphrase is empty")
	}
	r, err := age.NewScryptRecipient(text)
	if err != nil {
		return Key{}, fmt.Errorf("sealed: %w", err)
	}
	r.SetWorkFactor(work)
	i, err := age.NewScryptIdentity(text)
	if err != nil {
		return Key{}, fmt.Errorf("sealed: %w", err)
	}
	return Key{recipient: r, identity: i, secret: &text}, nil
}

// NewKey is a new secret key, of X25519. Secret is what to keep.
func NewKey() (Key, error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return Key{}, fmt.Errorf("sealed: %w", err)
	}
	return of(i), nil
}

func of(i *age.X25519Identity) Key {
	secret := i.String()
	return Key{recipient: i.Recipient(), identity: i, public: i.Recipient().String(), secret: &secret}
}

// ParseKey reads a key as Secret and String give it, or the file that age-keygen writes: a line
// "AGE-SECRET-KEY-1...", or "age1..." of a public key; lines that begin with # do not count.
func ParseKey(text string) (Key, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	found := Key{}
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if found.recipient != nil {
			return Key{}, fmt.Errorf("sealed: line %d is a second key; give one", n)
		}
		switch {
		case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
			i, err := age.ParseX25519Identity(line)
			if err != nil {
				return Key{}, fmt.Errorf("sealed: line %d is a damaged secret key", n) // without what it says
			}
			found = of(i)
		case strings.HasPrefix(line, "age1"):
			r, err := age.ParseX25519Recipient(line)
			if err != nil {
				return Key{}, fmt.Errorf("sealed: line %d is a damaged public key: %w", n, err)
			}
			found = Key{recipient: r, public: r.String()}
		default:
			return Key{}, fmt.Errorf("sealed: line %d is no key: a secret one begins with AGE-SECRET-KEY-1, a public one with age1; for a passphrase use Passphrase", n)
		}
	}
	if err := lines.Err(); err != nil {
		return Key{}, fmt.Errorf("sealed: %w", err)
	}
	if found.recipient == nil {
		return Key{}, errors.New("sealed: there is no key in the text")
	}
	return found, nil
}

// Public is the key without its secret: it seals and does not open. Of a passphrase there is none.
func (k Key) Public() (Key, error) {
	if k.public == "" {
		return Key{}, errors.New("sealed: a passphrase has no public part")
	}
	return Key{recipient: k.recipient, public: k.public}, nil
}

// Secret is the text to keep, for ParseKey or Passphrase, "" of a public key.
func (k Key) Secret() string {
	if k.secret == nil {
		return ""
	}
	return *k.secret
}

// String is the public part; a secret is never printed.
func (k Key) String() string {
	switch {
	case k.public != "":
		return k.public
	case k.recipient != nil:
		return "a passphrase"
	}
	return "no key"
}

// GoString is String, for %#v.
func (k Key) GoString() string { return "sealed.Key(" + k.String() + ")" }

// MarshalJSON refuses to write a key among other values; so does gob.
func (k Key) MarshalJSON() ([]byte, error) {
	return nil, errors.New("sealed: a key is not written among other values; Secret is its text")
}

// GobEncode refuses, too: a saved session must not hold the key to itself.
func (k Key) GobEncode() ([]byte, error) {
	return nil, errors.New("sealed: a key is not written among other values; Secret is its text")
}
