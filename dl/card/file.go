package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// maxFile is how long the file of a card may be.
const maxFile = 4 << 20

// Save writes the page and the JSON file of a card: models/churn.md and models/churn.json for the path models/churn, with or
// without one of these endings. In a folder that exists they are called after the name of the card. A card that lacks what
// [Card.Missing] names is refused.
func (c *Card) Save(path string) error {
	if c == nil {
		return errors.New("card.Save: the card is nil")
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("card.Save: %w", err)
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		path = filepath.Join(path, slug(c.Name))
	}
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".json"), ".md")
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("card.Save: %w", err)
	}
	if len(text) >= maxFile {
		return fmt.Errorf("card.Save: the card has %d bytes of JSON; at most %d are read again", len(text), maxFile)
	}
	if err := renameio.WriteFile(path+".json", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("card.Save: %w", err)
	}
	if err := renameio.WriteFile(path+".md", []byte(c.Markdown()), 0o644); err != nil {
		return fmt.Errorf("card.Save: %w", err)
	}
	return nil
}

// Load reads the JSON file that Save wrote; the path is as for Save, but no folder. Nothing of a card is run, and what a
// reader is shown is as trustworthy as who wrote the file.
func Load(path string) (*Card, error) {
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".json"), ".md") + ".json"
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("card.Load: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("card.Load: %w", err)
	}
	c, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("card.Load: %s: %w", path, err)
	}
	return c, nil
}

// parse reads a card from JSON. A field that is not known is an error: it would be lost when the card is saved again.
func parse(text []byte) (*Card, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("the file is longer than %d bytes; a card is a page", maxFile)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	c := &Card{}
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("it is no card in JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows after the card")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}
