package carrier

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/courier/internal/parcel"
)

func fast(server *httptest.Server) *Client {
	client := New(server.URL, time.Second)
	client.Backoff = Backoff{Tries: 3, First: time.Millisecond, Most: 2 * time.Millisecond}
	return client
}

func TestTrack(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/shipments/p1" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.Write([]byte(`{"id": "p1", "status": "in transit"}`))
	}))
	defer server.Close()
	got, err := fast(server).Track(context.Background(), "p1")
	if err != nil || got != parcel.InTransit {
		t.Errorf("got %q, %v; want %q", got, err, parcel.InTransit)
	}
}

func TestUnknownParcelIsRefusedAtOnce(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(w, "no such shipment", http.StatusNotFound)
	}))
	defer server.Close()
	_, err := fast(server).Track(context.Background(), "nobody")
	var refused *Refused
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Fatalf("got %v, want a refusal with 404", err)
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}
