package radix

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// Keys come out in their order, and equal ones in that of their numbers, for all lengths and ranges of keys.
func TestSorts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, few, few + 1, 1000, 5000} {
		for _, most := range []uint64{1, 3, 1 << 8, 1 << 20, 1 << 32, 1 << 63} {
			pairs := make([]Pair, n)
			for i := range pairs {
				pairs[i] = Pair{r.Uint64N(most), uint32(i)}
			}
			want := slices.Clone(pairs)
			slices.SortStableFunc(want, func(a, b Pair) int { return cmp.Compare(a.Key, b.Key) })
			if got := Pairs(slices.Clone(pairs), make([]Pair, n)); !slices.Equal(got, want) {
				t.Fatalf("%d pairs below %d are not sorted", n, most)
			}
			if most > 1<<32 {
				continue
			}
			pack := func(pairs []Pair) (keys []uint64) {
				for _, p := range pairs {
					keys = append(keys, Pack(uint32(p.Key), int(p.Number)))
				}
				return keys
			}
			if got := Packed(pack(pairs), make([]uint64, n)); !slices.Equal(got, pack(want)) {
				t.Fatalf("%d keys below %d are not sorted", n, most)
			}
			for _, k := range []int{0, 1, n / 3, n} {
				if k > n {
					continue
				}
				if got := Least(pack(pairs), k); !slices.Equal(got, pack(want)[:k]) {
					t.Fatalf("the %d least of %d keys below %d are others", k, n, most)
				}
			}
		}
	}
}

func BenchmarkPacked(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	from, keys, room := make([]uint64, 4096), make([]uint64, 4096), make([]uint64, 4096)
	for i := range from {
		from[i] = Pack(r.Uint32(), i)
	}
	for b.Loop() {
		copy(keys, from)
		Packed(keys, room)
	}
}
