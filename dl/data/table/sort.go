package table

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Sort orders the rows by the values of columns, the first name counting most: upward, or downward with a "-" before
// the name. Rows with equal values keep their order, missing values come last, categories are in the order of their
// levels.
func (t *Table) Sort(names ...string) *Table {
	rows := make([]int, t.rows)
	for i := range rows {
		rows[i] = i
	}
	columns, down := make([]Column, len(names)), make([]bool, len(names))
	for i, name := range names {
		if !t.Has(name) && strings.HasPrefix(name, "-") {
			name, down[i] = name[1:], true
		}
		columns[i] = t.columns[t.must("table.Sort", name)]
	}
	var s sorter
	for i := len(columns) - 1; i >= 0; i-- { // each pass keeps the order of the one before where values are equal
		s.by(&columns[i], down[i], rows)
	}
	return t.take(rows)
}

// sorter orders rows by keys, byte by byte from the last one on.
type sorter struct{ keyed, other []keyed }

type keyed struct {
	key uint64
	row int
}

// by orders rows by a column; those that have equal values, or none, keep their order.
func (s *sorter) by(c *Column, down bool, rows []int) {
	if c.MissingCount() > 0 {
		missing, at := []int{}, 0
		for _, row := range rows {
			if c.Missing(row) {
				missing = append(missing, row)
				continue
			}
			rows[at] = row
			at++
		}
		copy(rows[at:], missing)
		rows = rows[:at]
	}
	flip := uint64(0)
	if down {
		flip = math.MaxUint64
	}
	switch c.Kind {
	case String:
		s.byTexts(c.Strings, flip, rows)
	case Time: // of any year
		s.byKeys(rows, func(i int) uint64 { return uint64(c.Times[i].Nanosecond()) ^ flip })
		s.byKeys(rows, func(i int) uint64 { return uint64(c.Times[i].Unix()) ^ 1<<63 ^ flip })
	case Int:
		s.byKeys(rows, func(i int) uint64 { return uint64(c.Ints[i]) ^ 1<<63 ^ flip })
	case Category:
		s.byKeys(rows, func(i int) uint64 { return uint64(c.Codes[i]) ^ flip })
	case Bool:
		s.byKeys(rows, func(i int) uint64 {
			if c.Bools[i] {
				return 1 ^ flip
			}
			return flip
		})
	default:
		s.byKeys(rows, func(i int) uint64 { return orderedBits(c.Floats[i]) ^ flip })
	}
}

// orderedBits are in the order of the numbers, of which 0 and -0 are the same.
func orderedBits(v float64) uint64 {
	bits := math.Float64bits(v + 0)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// byKeys orders rows by a number of each.
func (s *sorter) byKeys(rows []int, key func(row int) uint64) {
	n := len(rows)
	s.keyed, s.other = slices.Grow(s.keyed[:0], n)[:n], slices.Grow(s.other[:0], n)[:n]
	var counts [8][256]int
	for i, row := range rows {
		k := key(row)
		s.keyed[i] = keyed{k, row}
		for b := range 8 {
			counts[b][byte(k>>(8*b))]++
		}
	}
	for b := range 8 {
		if n == 0 || counts[b][byte(s.keyed[0].key>>(8*b))] == n { // the same for all
			continue
		}
		at := 0
		for v, count := range counts[b] {
			counts[b][v] = at
			at += count
		}
		for _, k := range s.keyed {
			place := &counts[b][byte(k.key>>(8*b))]
			s.other[*place] = k
			*place++
		}
		s.keyed, s.other = s.other, s.keyed
	}
	for i, k := range s.keyed {
		rows[i] = k.row
	}
}

// byTexts orders rows by texts: by their first eight bytes, and those that are equal in these by comparison.
func (s *sorter) byTexts(texts []string, flip uint64, rows []int) {
	s.byKeys(rows, func(i int) uint64 {
		var first [8]byte
		copy(first[:], texts[i])
		return binary.BigEndian.Uint64(first[:]) ^ flip
	})
	sign := 1
	if flip != 0 {
		sign = -1
	}
	for from := 0; from < len(rows); {
		to, differ := from+1, false
		for ; to < len(rows) && s.keyed[to].key == s.keyed[from].key; to++ {
			differ = differ || texts[rows[to]] != texts[rows[from]]
		}
		if run := s.keyed[from:to]; differ {
			for i := range run {
				run[i].key = uint64(i) // for those that are equal
			}
			slices.SortFunc(run, func(a, b keyed) int {
				if order := strings.Compare(texts[a.row], texts[b.row]); order != 0 {
					return sign * order
				}
				return cmp.Compare(a.key, b.key)
			})
			for i, k := range run {
				rows[from+i] = k.row
			}
		}
		from = to
	}
}
