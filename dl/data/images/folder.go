// Package images reads pictures from folders: a folder for each class with files in it (JPEG, PNG, GIF, WebP), as ImageFolder
// of torchvision and image_dataset_from_directory of Keras. Files are opened when their sample is read, so that a folder
// may be larger than memory; a data.Loader with Workers decodes several at a time, and data.CacheOnDisk keeps what was
// decoded.
//
//	flowers, err := images.Folder{Dir: "flowers", Height: 64, Width: 64}.Open()
//	training, test, err := data.StratifiedSplit(flowers, 0.2, dl.NewRand(1))
//	training = transforms.Each(training, 42, transforms.RandomHorizontalFlip{})
package images

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Folder describes pictures in files and what they become.
type Folder struct {
	Dir           string
	Height, Width int
	Grey          bool  // one channel; otherwise three, red, green and blue
	Fit           Fit   // what becomes of pictures with other proportions
	AsStored      bool  // leaves JPEGs as they are stored, as torchvision and Keras do; otherwise EXIF's orientation turns them
	Unlabelled    bool  // all pictures in Dir and the folders in it, without classes
	MaxPixels     int   // a file that claims more is an error, before it is decoded; 0: 64 million
	MaxBytes      int64 // a larger file is an error; 0: 256 MiB
}

// Fit says how a picture is brought to a size of other proportions.
type Fit uint8

const (
	Stretch   Fit = iota // all of it is stretched, as in Keras
	CropToFit            // the largest part in its middle that has the proportions: crop_to_aspect_ratio of Keras
	PadToFit             // all of it, with black at the sides: pad_to_aspect_ratio of Keras
)

const (
	maxPixels = 64 << 20
	maxBytes  = 256 << 20
	maxValues = 1 << 28 // of one sample
)

// Set is a dataset of pictures in files: inputs float32 [Height, Width, channels] with values from 0 to 1, targets the
// numbers of their folders.
type Set struct {
	Folder  Folder
	Files   []string // in the order of classes and names
	Labels  []int32  // nil when Unlabelled
	Classes []string
}

// Open lists the files of a folder. Those whose names begin with a dot or do not end in .jpg, .jpeg, .png, .gif or .webp
// are left out; the files of a class may be in folders within its folder.
func (f Folder) Open() (*Set, error) {
	if f.Height < 1 || f.Width < 1 || f.Height > maxValues/3/f.Width {
		dl.PanicValue("images.Folder", "pictures of %d x %d: both are positive, and not more than %d values", f.Height, f.Width, maxValues)
	}
	if f.MaxPixels < 0 || f.MaxBytes < 0 {
		dl.PanicValue("images.Folder", "MaxPixels is %d and MaxBytes %d: neither is negative, and 0 is the usual limit", f.MaxPixels, f.MaxBytes)
	}
	if f.Fit > PadToFit {
		dl.PanicValue("images.Folder", "there is no Fit %d", f.Fit)
	}
	s := &Set{Folder: f}
	if f.Unlabelled {
		if err := s.add(f.Dir, -1); err != nil {
			return nil, err
		}
	} else {
		folders, err := os.ReadDir(f.Dir)
		if err != nil {
			return nil, err
		}
		for _, class := range folders {
			path := filepath.Join(f.Dir, class.Name())
			info, err := os.Stat(path) // follows links
			if strings.HasPrefix(class.Name(), ".") || err != nil || !info.IsDir() {
				continue
			}
			if err := s.add(path, int32(len(s.Classes))); err != nil {
				return nil, err
			}
			s.Classes = append(s.Classes, class.Name())
		}
		if len(s.Classes) == 0 {
			return nil, &data.FormatError{File: f.Dir, Found: "has no folders", Expected: "a folder for each class with the pictures in it",
				Remedy: "set Unlabelled if there are no classes"}
		}
	}
	if len(s.Files) == 0 {
		return nil, &data.FormatError{File: f.Dir, Found: "has no pictures", Expected: "files that end in .jpg, .jpeg, .png, .gif or .webp"}
	}
	return s, nil
}

// add lists the pictures in a folder and those in it.
func (s *Set) add(dir string, label int32) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		switch strings.ToLower(filepath.Ext(path)) {
		case ".jpg", ".jpeg", ".png", ".gif", ".webp":
			s.Files = append(s.Files, path)
			if label >= 0 {
				s.Labels = append(s.Labels, label)
			}
		}
		return nil
	})
}

// Len is the number of pictures: see data.Dataset.
func (s *Set) Len() int { return len(s.Files) }

// Spec describes a sample: see data.Dataset.
func (s *Set) Spec() data.Spec {
	spec := data.Spec{X: dl.Shape{s.Folder.Height, s.Folder.Width, s.channels()}, YType: data.NoTarget}
	if s.Labels != nil {
		spec.Y, spec.YType, spec.Classes = dl.Shape{}, dl.Int32, s.Classes
	}
	return spec
}

func (s *Set) channels() int {
	if s.Folder.Grey {
		return 1
	}
	return 3
}

// ClassNumbers are the classes of all pictures, which data.Labels asks for: no file is read.
func (s *Set) ClassNumbers() []int32 { return s.Labels }

// Read decodes the files of some samples: see data.Dataset.
func (s *Set) Read(b data.Batch, samples []int) error {
	size := s.Folder.Height * s.Folder.Width * s.channels()
	switch {
	case s.Labels != nil && len(s.Labels) != len(s.Files):
		return fmt.Errorf("images: %d labels for %d pictures", len(s.Labels), len(s.Files))
	case b.X == nil || b.X.DType() != dl.Float32 || b.X.Size() != len(samples)*size || (b.Y == nil) != (s.Labels == nil) ||
		b.Y != nil && (b.Y.DType() != dl.Int32 || b.Y.Size() != len(samples)):
		return fmt.Errorf("images: %d pictures are read into a batch of %d x %d x %d x %d values, as Spec says; data.All makes one, and so does a data.Loader",
			len(samples), len(samples), s.Folder.Height, s.Folder.Width, s.channels())
	}
	x := b.X.Float32s()
	for row, i := range samples {
		if i < 0 || i >= len(s.Files) {
			return fmt.Errorf("images: there is no picture %d of %d", i, len(s.Files))
		}
		if err := s.read(x[row*size:(row+1)*size], s.Files[i]); err != nil {
			return err
		}
		if b.Y != nil {
			b.Y.Int32s()[row] = s.Labels[i]
		}
	}
	return nil
}

func (s *Set) read(out []float32, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.Folder.decode(out, f); err != nil {
		if e := (*fs.PathError)(nil); errors.As(err, &e) {
			return err
		}
		return &data.FormatError{File: path, Found: err.Error(), Expected: "a picture in JPEG, PNG, GIF or WebP", Remedy: "mend the file or move it elsewhere"}
	}
	return nil
}

// String says what is in the folder.
func (s *Set) String() string {
	return fmt.Sprintf("%d pictures as %d x %d x %d in %d classes, from %s", s.Len(), s.Folder.Height, s.Folder.Width, s.channels(), len(s.Classes), s.Folder.Dir)
}
