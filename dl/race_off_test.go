//go:build !race

package dl

const underRace = false
