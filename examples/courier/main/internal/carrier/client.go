// Package carrier talks to the carrier's HTTP interface.
package carrier

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"example.com/courier/internal/parcel"
)

// Client is safe for concurrent use.
type Client struct {
	Base    string
	HTTP    *http.Client
	Backoff Backoff
}

// New gives a client with a timeout for each try.
func New(base string, timeout time.Duration) *Client {
	return &Client{Base: base, HTTP: &http.Client{Timeout: timeout}, Backoff: Default}
}

// Refused is an answer of the carrier that is no success.
type Refused struct {
	Status int
	Body   string
}

func (r *Refused) Error() string {
	return fmt.Sprintf("carrier answered %d: %s", r.Status, r.Body)
}

// Book hands a parcel over and returns it with the carrier's id.
func (c *Client) Book(ctx context.Context, p parcel.Parcel) (parcel.Parcel, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return p, err
	}
	answer, err := c.do(ctx, http.MethodPost, "/shipments", body)
	if err != nil {
		return p, fmt.Errorf("book: %w", err)
	}
	err = json.Unmarshal(answer, &p)
	return p, err
}

// Track asks where a parcel is.
func (c *Client) Track(ctx context.Context, id string) (parcel.Status, error) {
	answer, err := c.do(ctx, http.MethodGet, "/shipments/"+url.PathEscape(id), nil)
	if err != nil {
		return "", fmt.Errorf("track %s: %w", id, err)
	}
	var found parcel.Parcel
	err = json.Unmarshal(answer, &found)
	return found.Status, err
}

// Tariffs fetches the table of prices; it is large and changes rarely.
func (c *Client) Tariffs(ctx context.Context) ([]byte, error) {
	return c.do(ctx, http.MethodGet, "/tariffs", nil)
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	var last error
	for try := 1; try <= max(c.Backoff.Tries, 1); try++ {
		if try > 1 {
			if err := sleep(ctx, c.Backoff.Pause(try)); err != nil {
				return nil, err
			}
		}
		answer, again, err := c.once(ctx, method, path, body)
		if err == nil {
			return answer, nil
		}
		if last = err; !again {
			break
		}
		log.Printf("WARNING: try %d of %d: %s %s: %v", try, c.Backoff.Tries, method, path, err)
	}
	return nil, last
}

func (c *Client) once(ctx context.Context, method, path string, body []byte) ([]byte, bool, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return nil, ctx.Err() == nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, true, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		refused := &Refused{Status: response.StatusCode, Body: string(bytes.TrimSpace(data))}
		return nil, retryable(response.StatusCode), refused
	}
	return data, false, nil
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
