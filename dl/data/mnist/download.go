package mnist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// options are what tests change of a download.
type options struct {
	client   *http.Client
	progress io.Writer     // where progress is written; nil: standard error
	stall    time.Duration // a connection that delivers nothing for so long is given up; 0: 20 s
}

// download fetches the files that a folder lacks. A file appears under its name only when it is whole and has its
// published checksum; a part of it is kept as name.part, with which a later call goes on.
func (c *collection) download(ctx context.Context, dir string, o options) error {
	if o.client == nil {
		o.client = &http.Client{Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 20 * time.Second,
			DisableCompression:    true, // the checksums are of the compressed files
		}}
		defer o.client.CloseIdleConnections()
	}
	if o.progress == nil {
		o.progress = os.Stderr
	}
	if o.stall == 0 {
		o.stall = 20 * time.Second
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%s: %w; set MODELBOOK_DATA to a folder that has the files", c.name, err)
	}
	for _, f := range c.files {
		if _, err := os.Stat(filepath.Join(dir, f.name)); err == nil {
			continue
		}
		if err := c.fetch(ctx, dir, f, o); err != nil {
			return err
		}
	}
	return nil
}

// fetch gets a file from the first mirror that has it as published.
func (c *collection) fetch(ctx context.Context, dir string, f file, o options) error {
	var failures []string
	for _, mirror := range c.mirrors {
		err := fetchFrom(ctx, mirror+f.name, filepath.Join(dir, f.name), f, o)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failures = append(failures, "  "+err.Error())
	}
	return fmt.Errorf("%s: %s is not on this machine and no mirror delivered it:\n%s\nput the four files of %[1]s into %[4]s, "+
		"or set MODELBOOK_DATA to a folder that has them", c.name, f.name, strings.Join(failures, "\n"), dir)
}

// fetchFrom gets one file from one place into path, going on where path.part ends.
func fetchFrom(ctx context.Context, url, path string, f file, o options) error {
	part, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer part.Close()
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have < f.size {
		if err := transfer(ctx, url, part, have, f, o); err != nil {
			return err
		}
	}
	content, err := os.ReadFile(part.Name())
	if err == nil {
		err = f.check(url, content)
	}
	if err != nil {
		os.Remove(part.Name()) // forged, or of several minds: of no use to anyone
		if have > 0 {          // the fault may lie in the part that was here before
			return fetchFrom(ctx, url, path, f, o)
		}
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

// transfer appends the bytes of url after the first have to part.
func transfer(ctx context.Context, url string, part *os.File, have int64, f file, o options) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := fmt.Errorf("%s: nothing arrived for %v", url, o.stall)
	watch := time.AfterFunc(o.stall, func() { cancel(stalled) })
	defer watch.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return because(ctx, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusPartialContent && have > 0 &&
		strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
	case resp.StatusCode == http.StatusOK: // from the beginning, whatever was asked for
		have = 0
		if err := part.Truncate(0); err != nil {
			return err
		}
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s: the server answers %q", url, resp.Status)
	}

	// Never more than the published size, whatever the server sends.
	body := io.LimitReader(resp.Body, f.size-have)
	buffer := make([]byte, 64<<10)
	shown := time.Now()
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			watch.Reset(o.stall)
			if _, err := part.Write(buffer[:n]); err != nil {
				return err
			}
			if have += int64(n); time.Since(shown) > 200*time.Millisecond || have == f.size {
				shown = time.Now()
				fmt.Fprintf(o.progress, "\r%s  %.1f of %.1f MB", f.name, float64(have)/1e6, float64(f.size)/1e6)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return because(ctx, fmt.Errorf("%s: %w after %d of %d bytes", url, err, have, f.size))
		}
	}
	fmt.Fprintln(o.progress)
	if have != f.size { // a whole answer, but not the file: nothing to go on from
		os.Remove(part.Name())
		return fmt.Errorf("%s: the server sent %d of %d bytes", url, have, f.size)
	}
	return nil
}

// because prefers the reason a context was cancelled for to the error that followed from it.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
