// Package nearest finds the names that a mistyped one may have been meant to be.
// It imports nothing but the standard library.
package nearest

import "strings"

// most is how many names are returned at most.
const most = 3

// Names picks the names that take the fewest changes, at most three, and none
// when all take many.
func Names(typed string, names []string) (nearest []string) {
	if len(typed) < 3 {
		return nil
	}
	best := min((len(typed)+1)/3, 3)
	for _, name := range names {
		if name == typed || len(name)-len(typed) > best || len(typed)-len(name) > best {
			continue
		}
		d := distance(strings.ToLower(typed), strings.ToLower(name))
		if d > 1 && !strings.EqualFold(typed[:1], name[:1]) {
			continue // people know how a name begins
		}
		if d > best || d == best && len(nearest) == most {
			continue
		}
		if d < best {
			best, nearest = d, nil
		}
		nearest = append(nearest, name)
	}
	return nearest
}

// distance is the number of letters to insert, delete or exchange, or to swap
// with their neighbour, that lead from a to b.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
