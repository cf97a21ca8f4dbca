//go:build !race

package train_test

// underRace tells whether the race detector is on, under which sync.Pool drops at random.
const underRace = false
