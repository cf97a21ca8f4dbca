package data

import "modelbook/dl"

// Changing is a dataset whose samples may differ from pass to pass, such as augmented images: before each pass, the
// Loader calls StartPass with a number, drawn from Shuffle if there is one. Samples depend on the number and on
// nothing else that changes, so that they are the same for any number of workers.
type Changing interface {
	Dataset
	StartPass(pass uint64)
}

// wrapper is a dataset made of others.
type wrapper interface{ parts() []Dataset }

func (s *Part) parts() []Dataset   { return []Dataset{s.Dataset} }
func (o *oneHot) parts() []Dataset { return []Dataset{o.Dataset} }

// changes says whether a dataset, or one that it is made of, is Changing.
func changes(d Dataset) bool {
	if _, ok := d.(Changing); ok {
		return true
	}
	if w, ok := d.(wrapper); ok {
		for _, part := range w.parts() {
			if changes(part) {
				return true
			}
		}
	}
	return false
}

// startPass tells all datasets that d is made of.
func startPass(d Dataset, pass uint64) {
	if c, ok := d.(Changing); ok {
		c.StartPass(pass)
	}
	if w, ok := d.(wrapper); ok {
		for _, part := range w.parts() {
			startPass(part, pass)
		}
	}
}

// mixed is a seed made of others, each of which changes all of its bits (the finaliser of SplitMix64).
func mixed(seeds ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, s := range seeds {
		h += s + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

func randOf(seeds ...uint64) *dl.Rand { return dl.NewRand(mixed(seeds...)) }
