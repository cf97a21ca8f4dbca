package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Checkpoint saves the training after epochs, for Trainer.Load to go on from and for nn.Load to use the model. It does
// so when all other callbacks have seen the epoch, and remembers the best value from one Fit to the next.
type Checkpoint struct {
	Path    string // of the file; {epoch} in it becomes the epoch's number
	Monitor string // save only when this value is the best so far; "": after every epoch
	Every   int    // save only after every so many epochs; 0: 1
	Mode    Mode   `since:"2"` // which values of Monitor are better; Auto: as the metric says
}

// Outward says that of several ranks only the first has the callback: see [Outward].
func (Checkpoint) Outward() {}

// Start begins to follow a Fit: see [Callback].
func (c Checkpoint) Start(run *Run) (Observer, error) {
	if c.Path == "" || c.Every < 0 {
		return nil, fmt.Errorf("a checkpoint needs a Path, and Every %d must not be negative", c.Every)
	}
	if err := c.Mode.check(); err != nil {
		return nil, err
	}
	if err := underWay(run); err != nil {
		return nil, err
	}
	// Not only when the first epoch is done.
	if dir := filepath.Dir(c.Path); !strings.Contains(dir, "{epoch}") {
		if at, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("the folder of %s: %w", c.Path, err)
		} else if !at.IsDir() {
			return nil, fmt.Errorf("the folder of %s: %s is a file", c.Path, dir)
		}
	}
	return &checkpoint{Checkpoint: c, watch: watch{Name: c.Monitor, mode: c.Mode}}, nil
}

type checkpoint struct {
	Observe
	Checkpoint
	watch
}

func (c *checkpoint) Epoch(run *Run) error {
	if run.Epoch%max(c.Every, 1) != 0 {
		return nil
	}
	if c.Monitor != "" {
		if improved, err := c.improved(run); err != nil || !improved {
			return err
		}
	}
	if err := run.fit.remember(); err != nil {
		return err
	}
	return run.Trainer.Save(strings.ReplaceAll(c.Path, "{epoch}", fmt.Sprint(run.Epoch)))
}
