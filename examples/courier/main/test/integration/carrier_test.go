// Package integration runs the service against a carrier in the same process.
package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/courier/internal/api"
	"example.com/courier/internal/carrier"
	"example.com/courier/internal/parcel"
	"example.com/courier/internal/store"
	"example.com/courier/internal/tariff"
)

// fakeCarrier books, tracks and prices; faults are answered first, one a request.
type fakeCarrier struct {
	lock    sync.Mutex
	faults  []int
	parcels map[string]parcel.Parcel
	// render is how long the carrier needs for its table of prices.
	render time.Duration
}

func (f *fakeCarrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if len(f.faults) > 0 {
		status := f.faults[0]
		f.faults = f.faults[1:]
		http.Error(w, http.StatusText(status), status)
		return
	}
	switch {
	case r.URL.Path == "/tariffs":
		time.Sleep(f.render)
		fmt.Fprint(w, `{"Oslo": 450, "Rome": 380}`)
	case r.Method == http.MethodPost:
		var p parcel.Parcel
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.ID, p.Status = fmt.Sprintf("p%d", len(f.parcels)+1), parcel.Booked
		f.parcels[p.ID] = p
		_ = json.NewEncoder(w).Encode(p)
	default:
		p, ok := f.parcels[strings.TrimPrefix(r.URL.Path, "/shipments/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(p)
	}
}

func (f *fakeCarrier) move(id string, to parcel.Status) {
	f.lock.Lock()
	defer f.lock.Unlock()
	p := f.parcels[id]
	p.Status = to
	f.parcels[id] = p
}

// start gives a running service, its client for the carrier, and the carrier behind it.
func start(t *testing.T, faults ...int) (*httptest.Server, *carrier.Client, *fakeCarrier) {
	t.Helper()
	fake := &fakeCarrier{faults: faults, parcels: map[string]parcel.Parcel{}}
	behind := httptest.NewServer(fake)
	t.Cleanup(behind.Close)
	client := carrier.New(behind.URL, 5*time.Second)
	client.Backoff = carrier.Backoff{Tries: 4, First: time.Millisecond, Most: 4 * time.Millisecond}
	dir := t.TempDir()
	parcels, err := store.Open(filepath.Join(dir, "parcels.json"))
	if err != nil {
		t.Fatal(err)
	}
	book := tariff.Book{Source: client, Cache: filepath.Join(dir, "tariffs.json")}
	server := &api.Server{Carrier: client, Parcels: parcels, Tariffs: book}
	front := httptest.NewServer(server.Handler())
	t.Cleanup(front.Close)
	return front, client, fake
}
