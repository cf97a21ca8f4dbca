package engine

import "context"

// A turn is a lock that can be waited for with a context. A cell has the turn
// while it is compiled and loaded, and while what it leaves behind is put in
// order; it gives the turn away while it runs.
type turn chan struct{}

// take waits for the turn. The error is that of ctx.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give gives the turn to the next one.
func (t turn) give() { <-t }
