package anonymous

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"

	"modelbook/dl/data/table"
)

// Pseudonyms replace names and numbers of people by texts that only the key connects with them: HMAC-SHA256, of
// which 128 bits are kept. The same value has the same pseudonym wherever the key and the purpose are the same, so
// that tables can be joined, and others elsewhere. Without the key nobody finds the value, not even by trying all
// names, as with a plain hash; who destroys the key has cut the connection for good. What the other columns tell
// remains.
type Pseudonyms struct{ key []byte }

// leastKey is the length of keys, in bytes, that cannot be guessed.
const leastKey = 16

// NewKey is a new key, to be kept apart from the tables.
func NewKey() ([]byte, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("anonymous: the system's cryptographic source: %w", err)
	}
	return key, nil
}

// NewPseudonyms makes pseudonyms of a key of at least 16 random bytes.
func NewPseudonyms(key []byte) (*Pseudonyms, error) {
	if len(key) < leastKey {
		return nil, fmt.Errorf("anonymous: a key of %d bytes can be guessed; NewKey makes one of 32", len(key))
	}
	if !slices.ContainsFunc(key, func(b byte) bool { return b != key[0] }) {
		return nil, errors.New("anonymous: all bytes of the key are the same; NewKey makes a random one")
	}
	return &Pseudonyms{slices.Clone(key)}, nil
}

// Of is the pseudonym of a value for a purpose, such as "patients 2026": other purposes have other pseudonyms, which
// cannot be joined. It is 26 characters of A-Z and 2-7.
func (p *Pseudonyms) Of(purpose, value string) string {
	mac := hmac.New(sha256.New, p.key)
	fmt.Fprintf(mac, "%d:%s", len(purpose), purpose)
	mac.Write([]byte(value))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:16])
}

// Column replaces the values of a column. Missing ones stay missing.
func (p *Pseudonyms) Column(c table.Column, purpose string) table.Column {
	texts := make([]string, c.Len())
	var gaps []bool
	for i := range texts {
		if c.Missing(i) {
			if gaps == nil {
				gaps = make([]bool, len(texts))
			}
			gaps[i] = true
			continue
		}
		texts[i] = p.Of(purpose, c.Text(i))
	}
	out := table.Strings(c.Name, texts...)
	out.Gaps = gaps
	return out
}

// String shows nothing of the key.
func (p *Pseudonyms) String() string { return "pseudonyms of a key" }

// GoString is String, for %#v.
func (p *Pseudonyms) GoString() string { return p.String() }
