package conv

// A coming is what strips will need that is not in a near cache yet, rows of some planes of x, for the products before that
// to fetch, in parts.
type coming struct {
	x         []float32
	at, plane int // where these rows begin in the last plane, and how far that is from the one before it
	size      int // of these rows, in elements
	planes    int
	part, of  int // the next part, and how many there are
}

// comingRows are the rows of x that the strips of the next count rows of pixels after y are the first to take.
func comingRows(x []float32, in box, depth *places, z int, height *places, y, count, parts int) (c coming) {
	z0, z1 := depth.within(z, in.d)
	from := height.from + y*height.move + (height.taps-1)*height.apart + 1
	to := min(from+count*height.move, in.h)
	if from = max(from, 0); from >= to || z0 >= z1 {
		return coming{}
	}
	return coming{x: x, at: (depth.from+z*depth.move+(z1-1)*depth.apart)*in.plane() + from*in.w*in.c, plane: depth.apart * in.plane(),
		size: (to - from) * in.w * in.c, planes: min(z1-z0, (depth.move+depth.apart-1)/depth.apart), of: parts}
}

// next is the next part, of one plane.
func (c *coming) next() []float32 {
	if c.part >= c.of || c.size == 0 {
		return nil
	}
	whole := c.planes * c.size
	lo, hi := whole*c.part/c.of, whole*(c.part+1)/c.of
	c.part++
	plane := lo / c.size
	lo, hi = lo-plane*c.size, min(hi-plane*c.size, c.size)
	return c.x[c.at-plane*c.plane:][lo:hi]
}
