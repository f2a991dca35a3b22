package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.com/courier/internal/parcel"
)

func TestSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parcels.json")
	first, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want := parcel.Parcel{ID: "p1", From: "Bern", To: "Oslo", Grams: 10, Status: parcel.Booked}
	if err := first.Put(want); err != nil {
		t.Fatal(err)
	}
	second, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Get("p1"); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestUnknown(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "parcels.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get("nobody"); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parcels.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil {
		t.Error("half a file was accepted")
	}
}
