package carrier

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestPauseDoublesUpToMost(t *testing.T) {
	backoff := Backoff{Tries: 6, First: 100 * time.Millisecond, Most: 500 * time.Millisecond}
	want := []time.Duration{100, 200, 400, 500, 500}
	for i, pause := range want {
		if got := backoff.Pause(i + 2); got != pause*time.Millisecond {
			t.Errorf("pause before try %d: %v, want %v", i+2, got, pause*time.Millisecond)
		}
	}
}

func TestRetryable(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusBadRequest:          false,
		http.StatusUnauthorized:        false,
		http.StatusNotFound:            false,
		http.StatusConflict:            false,
		http.StatusTooManyRequests:     true,
		http.StatusInternalServerError: true,
		http.StatusServiceUnavailable:  true,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			if got := retryable(status); got != want {
				t.Errorf("retryable(%d %s) = %v, want %v", status, http.StatusText(status), got, want)
			}
		})
	}
}
