package dl

// move copies elements from one layout to another, or adds them. Both storages
// have the same dtype. Elements of to must be at different places.
func move(to *storage, tl layout, from *storage, fl layout, add bool) {
	if Shape(tl.shape).Size() > 0 {
		device.move(region{to, tl}, region{from, fl}, add)
	}
}

// A region is a part of the elements of a storage.
type region struct {
	*storage
	layout
}

// moveInto copies elements of the same dtype and shape.
func moveInto(to, from *Tensor) { move(to.storage, to.layout(), from.storage, from.layout(), false) }
