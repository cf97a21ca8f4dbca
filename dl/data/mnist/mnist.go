// Package mnist loads the MNIST handwritten digits and its drop-in replacement Fashion-MNIST: 60,000 images of
// 28 x 28 grey pixels to learn from and 10,000 to test with, in 10 classes.
//
// The files are looked for on this machine first and downloaded only when they are nowhere. Whichever way they come,
// their SHA-256 must be that of the published files.
package mnist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modelbook/dl/data"
)

// Digits is a data set in its two parts.
type Digits struct {
	Train, Test *data.Images
	Dir         string // where the files were found
}

// String says how many digits there are.
func (d *Digits) String() string {
	if d.Train == nil || d.Test == nil {
		return "no digits: Load and LoadFashion read them"
	}
	return fmt.Sprintf("train: %v\ntest:  %v\nfrom %s", d.Train, d.Test, d.Dir)
}

// Load returns MNIST. The files are taken from the first of these folders that has them:
//
//   - $MODELBOOK_DATA, or mnist in it; one that has some of the files and not all is an error
//   - data/mnist or notebooks/data/mnist in the working directory or one above it
//   - the installed kernel's copy
//   - modelbook/mnist in the user's cache folder, where they are downloaded to when they are nowhere
//
// In a folder called mnist, unpacked files (without .gz) do, too.
//
// MNIST is by Yann LeCun and Corinna Cortes, licence CC BY-SA 3.0.
func Load(ctx context.Context) (*Digits, error) { return digits.load(ctx, options{}) }

// LoadFashion returns Fashion-MNIST, looked for like MNIST with fashion-mnist in place of mnist.
//
// Fashion-MNIST is by Zalando Research (Han Xiao, Kashif Rasul, Roland Vollgraf), licence MIT.
func LoadFashion(ctx context.Context) (*Digits, error) { return fashion.load(ctx, options{}) }

// collection is a published data set: its files, in a fixed order, and where to get them.
type collection struct {
	name    string // of the folder
	files   [4]file
	mirrors []string // URLs of folders
	classes []string
}

type file struct {
	name   string
	size   int64
	sha256 string
}

// The order of the files of a collection.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
)

var digits = collection{
	name: "mnist",
	files: [4]file{
		{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
		{"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
		{"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
		{"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
	},
	mirrors: []string{
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"http://yann.lecun.com/exdb/mnist/",
	},
	classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
}

var fashion = collection{
	name: "fashion-mnist",
	files: [4]file{
		{"train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
		{"train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
		{"t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
		{"t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
	},
	mirrors: []string{
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
		"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
	},
	classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
}

// load finds or fetches the files and reads them.
func (c *collection) load(ctx context.Context, o options) (*Digits, error) {
	if ctx == nil {
		return nil, fmt.Errorf("%s: the context is nil; context.Background() is one that nothing ends", c.name)
	}
	dir, err := c.locate(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &Digits{Dir: dir}
	if d.Train, err = c.images(ctx, dir, trainImages, trainLabels); err != nil {
		return nil, err
	}
	if d.Test, err = c.images(ctx, dir, testImages, testLabels); err != nil {
		return nil, err
	}
	return d, nil
}

// locate returns the folder that has all files: on this machine, or the cache after downloading to it.
func (c *collection) locate(ctx context.Context, o options) (string, error) {
	for _, dir := range c.folders() {
		missing, found := c.in(dir)
		if len(missing) == 0 {
			return dir, nil
		}
		if set := os.Getenv("MODELBOOK_DATA"); found && set != "" && (dir == set || dir == filepath.Join(set, c.name)) {
			return "", &data.FormatError{File: filepath.Join(dir, missing[0]), Found: "is missing, other files of " + c.name + " are there",
				Expected: "all four files", Remedy: "put it there, or set MODELBOOK_DATA to another folder"}
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%s: nowhere to download to: %w; set MODELBOOK_DATA to a folder that has the files", c.name, err)
	}
	dir := filepath.Join(cache, "modelbook", c.name)
	if missing, _ := c.in(dir); len(missing) == 0 {
		return dir, nil
	}
	return dir, c.download(ctx, dir, o)
}

// folders lists where the files may be.
func (c *collection) folders() []string {
	var dirs []string
	if set := os.Getenv("MODELBOOK_DATA"); set != "" {
		dirs = append(dirs, set, filepath.Join(set, c.name))
	}
	if dir, err := os.Getwd(); err == nil {
		for {
			dirs = append(dirs, filepath.Join(dir, "data", c.name), filepath.Join(dir, "notebooks", "data", c.name))
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	if home := installed(); home != "" {
		dirs = append(dirs, filepath.Join(home, "src", "notebooks", "data", c.name))
	}
	return dirs
}

// installed is the folder of the installed kernel: cells are told, other programs look where install puts it.
func installed() string {
	if home := os.Getenv("MODELBOOK_HOME"); home != "" {
		return home
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "modelbook")
	}
	if dir, err := os.UserHomeDir(); err == nil {
		return filepath.Join(dir, ".local", "share", "modelbook")
	}
	return ""
}

// in returns the names of the files that a folder lacks, and whether it has others. What is in them is checked on
// reading: a damaged file is an error to be told, not a reason to look elsewhere in silence. The names are the same for
// both collections, so a folder that is not named after its collection must have files of the published sizes.
func (c *collection) in(dir string) (missing []string, found bool) {
	own := filepath.Base(dir) == c.name
	for _, f := range c.files {
		info, err := os.Stat(filepath.Join(dir, f.name))
		switch {
		case err == nil && (own || info.Size() == f.size):
			found = true
		case own && exists(filepath.Join(dir, f.unpacked())):
			found = true
		default:
			missing = append(missing, f.name)
		}
	}
	return missing, found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// unpacked is the file's name without the end .gz.
func (f file) unpacked() string { return strings.TrimSuffix(f.name, ".gz") }

// images reads a file of images and the file of their labels.
func (c *collection) images(ctx context.Context, dir string, pictures, labels int) (*data.Images, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := c.open(dir, c.files[pictures], -1, 28, 28)
	if err != nil {
		return nil, err
	}
	l, err := c.open(dir, c.files[labels], p.Dims[0])
	if err != nil {
		return nil, err
	}
	images, err := data.NewImages(28, 28, 1, p.Bytes, l.Bytes, c.classes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return images, nil
}

// open reads a file whose checksum must be the published one. Of an unpacked file only the form is checked.
func (c *collection) open(dir string, f file, dims ...int) (*data.IDX, error) {
	path := filepath.Join(dir, f.name)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if plain := filepath.Join(dir, f.unpacked()); exists(plain) {
			return data.OpenIDX(plain, dims...)
		}
		return nil, &data.FormatError{File: path, Found: "is missing", Expected: "all four files of " + c.name, Remedy: "restore it"}
	}
	if err != nil {
		return nil, err
	}
	if err := f.check(path, content); err != nil {
		return nil, err
	}
	return data.ReadIDX(bytes.NewReader(content), path, dims...)
}

// check compares the content with the published size and checksum.
func (f file) check(path string, content []byte) error {
	const remedy = "delete the file and put the published one in its place (in the cache folder, the next Load fetches it)"
	if int64(len(content)) != f.size {
		return &data.FormatError{File: path, Found: fmt.Sprintf("has %d bytes", len(content)),
			Expected: fmt.Sprintf("the published file of %d bytes", f.size), Remedy: remedy}
	}
	sum := sha256.Sum256(content)
	if got := hex.EncodeToString(sum[:]); got != f.sha256 {
		return &data.FormatError{File: path, Found: "has the SHA-256 " + got, Expected: f.sha256, Remedy: remedy}
	}
	return nil
}
