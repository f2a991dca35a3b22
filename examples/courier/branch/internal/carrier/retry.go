package carrier

import (
	"net/http"
	"time"
)

// Backoff says how often, and after which pauses, a request is made again.
type Backoff struct {
	Tries int
	First time.Duration
	Most  time.Duration
}

// Default is what the service uses.
var Default = Backoff{Tries: 4, First: 50 * time.Millisecond, Most: time.Second}

// Pause is the wait in front of try n (from 2): it doubles, up to Most.
func (b Backoff) Pause(n int) time.Duration {
	pause := b.First
	for i := 2; i < n && pause < b.Most; i++ {
		pause *= 2
	}
	return min(pause, b.Most)
}

// retryable tells whether the carrier may answer otherwise when asked again.
// A new key takes a moment until all of its machines know it: 401 is asked again too.
func retryable(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}
