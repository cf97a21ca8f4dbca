package privacy

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// keystream is a rand.Source: the key stream of AES-256 in counter mode, which processors compute faster than ChaCha8.
type keystream struct {
	cipher cipher.Stream
	unread []byte
	buffer [1 << 10]byte
}

func newKeystream(key [32]byte) *keystream {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key has a length that AES knows
	}
	return &keystream{cipher: cipher.NewCTR(block, make([]byte, aes.BlockSize))} // a key is used once
}

// Uint64 returns the next 64 bits.
func (k *keystream) Uint64() uint64 {
	if len(k.unread) == 0 {
		clear(k.buffer[:])
		k.cipher.XORKeyStream(k.buffer[:], k.buffer[:])
		k.unread = k.buffer[:]
	}
	v := binary.LittleEndian.Uint64(k.unread)
	k.unread = k.unread[8:]
	return v
}
