package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
)

// Reasons for dropping a message.
var (
	errSignature = errors.New("bad signature")
	errReplayed  = errors.New("replayed message")
)

// A signer signs messages and verifies signatures with HMAC-SHA256. With an
// empty key nothing is signed and everything is accepted.
type signer struct {
	key []byte

	mu sync.Mutex
	// The signatures seen, to drop replayed messages, in two generations:
	// when the young one is full, it becomes the old one.
	young, old map[[sha256.Size]byte]bool
}

// generation is the least number of signatures that are remembered.
const generation = 1 << 15

func newSigner(key string) *signer {
	return &signer{key: []byte(key), young: map[[sha256.Size]byte]bool{}}
}

func (s *signer) sum(parts [][]byte) []byte {
	h := hmac.New(sha256.New, s.key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// sign returns the signature of parts in hexadecimal.
func (s *signer) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return nil
	}
	return []byte(hex.EncodeToString(s.sum(parts)))
}

// verify checks the signature of parts, and that it has not been seen before.
func (s *signer) verify(signature []byte, parts [][]byte) error {
	if len(s.key) == 0 {
		return nil
	}
	got, err := hex.DecodeString(string(signature))
	if err != nil || !hmac.Equal(got, s.sum(parts)) {
		return errSignature
	}
	seen := [sha256.Size]byte(got)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young[seen] || s.old[seen] {
		return errReplayed
	}
	if len(s.young) == generation {
		s.old, s.young = s.young, make(map[[sha256.Size]byte]bool, generation)
	}
	s.young[seen] = true
	return nil
}
