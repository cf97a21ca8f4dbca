//go:build race

package quantized

// underRace tells that the race detector is on: code is slower, and sync.Pool drops at random.
const underRace = true
