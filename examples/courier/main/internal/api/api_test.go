package api

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"example.com/courier/internal/store"
)

func TestBookRefuses(t *testing.T) {
	parcels, err := store.Open(filepath.Join(t.TempDir(), "parcels.json"))
	if err != nil {
		t.Fatal(err)
	}
	handler := (&Server{Parcels: parcels}).Handler()
	for _, c := range []struct {
		name, method, body string
		want               int
	}{
		{"a GET", http.MethodGet, "", http.StatusMethodNotAllowed},
		{"no JSON", http.MethodPost, "parcel", http.StatusBadRequest},
		{"no weight", http.MethodPost, `{"from": "Bern", "to": "Oslo"}`, http.StatusUnprocessableEntity},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, httptest.NewRequest(c.method, "/parcels", strings.NewReader(c.body)))
			if recorder.Code != c.want {
				t.Errorf("got %d, want %d", recorder.Code, c.want)
			}
		})
	}
}

func TestUnknownParcel(t *testing.T) {
	parcels, err := store.Open(filepath.Join(t.TempDir(), "parcels.json"))
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	(&Server{Parcels: parcels}).Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/parcels/nobody", nil))
	if recorder.Code != http.StatusNotFound {
		t.Errorf("got %d, want 404", recorder.Code)
	}
}
