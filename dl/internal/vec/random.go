package vec

import "math"

// lanes are the numbers of the elements of the widest vector.
var lanes = func() (n [16]float32) {
	for i := range n {
		n[i] = math.Float32frombits(uint32(i))
	}
	return
}()

func addBits(f float32, n int) float32 {
	return math.Float32frombits(math.Float32bits(f) + uint32(n))
}

// Dropout writes dst = scale * x, or 0, depending on a random number for each
// element, which is a function of the key and first+i. threshold/2^31 is the share that
// is dropped. Elements are numbered modulo 2^32.
func Dropout(dst, x []float32, key uint64, first int, threshold uint32, scale float32) {
	n := len(dst)
	if n == 0 {
		return
	}
	a := args{p: [8]*float32{&dst[0], &x[:n][0], &lanes[0]}}
	a.s = [8]float32{scale, math.Float32frombits(uint32(first)), math.Float32frombits(uint32(key)),
		math.Float32frombits(uint32(key >> 32)), math.Float32frombits(threshold)}
	if a.run(kDropout, n) {
		return
	}
	for i, v := range x[:n] {
		dst[i] = 0
		if Kept(first+i, key, threshold) {
			dst[i] = v * scale
		}
	}
}

// Kept reports whether Dropout keeps element i.
func Kept(i int, key uint64, threshold uint32) bool {
	return threefry(uint32(i), uint32(key), uint32(key>>32))>>1 >= threshold
}

// threefry is the first word of Threefry-2x32 with 13 rounds (Salmon et al.,
// Parallel random numbers: as easy as 1, 2, 3, 2011) of the counter (n, 0).
func threefry(n, key0, key1 uint32) uint32 {
	key := [3]uint32{key0, key1, key0 ^ key1 ^ 0x1bd11bda}
	x, y := n+key0, key1
	for round, turn := range [13]int{13, 15, 26, 6, 17, 29, 16, 24, 13, 15, 26, 6, 17} {
		x += y
		y = (y<<turn | y>>(32-turn)) ^ x
		if round%4 == 3 {
			s := round/4 + 1
			x += key[s%3]
			y += key[(s+1)%3] + uint32(s)
		}
	}
	return x
}
