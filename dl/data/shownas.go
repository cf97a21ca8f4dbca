package data

// The datasets of this package are shown in a notebook as Describe describes them.

// MimeBundle shows the dataset: see [Describe].
func (t *Tensors) MimeBundle() map[string]any { return Describe(t).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (m *Images) MimeBundle() map[string]any { return Describe(m).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (s *Sequences) MimeBundle() map[string]any { return Describe(s).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (r *Ragged) MimeBundle() map[string]any { return Describe(r).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (a Answers) MimeBundle() map[string]any { return Describe(a).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (s *Series) MimeBundle() map[string]any { return Describe(s).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (s *Stream) MimeBundle() map[string]any { return Describe(s).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (n NextTokens) MimeBundle() map[string]any { return Describe(n).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (s *Part) MimeBundle() map[string]any { return Describe(s).MimeBundle() }

// MimeBundle shows the dataset: see [Describe].
func (c *Cached) MimeBundle() map[string]any { return Describe(c).MimeBundle() }

func (c *concat) MimeBundle() map[string]any        { return Describe(c).MimeBundle() }
func (z *zip) MimeBundle() map[string]any           { return Describe(z).MimeBundle() }
func (m *mapped) MimeBundle() map[string]any        { return Describe(m).MimeBundle() }
func (m *mappedBatches) MimeBundle() map[string]any { return Describe(m).MimeBundle() }
func (o *oneHot) MimeBundle() map[string]any        { return Describe(o).MimeBundle() }
func (w *weighing) MimeBundle() map[string]any      { return Describe(w).MimeBundle() }
