// Package store keeps parcels in one JSON file.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"example.com/courier/internal/parcel"
)

// ErrUnknown says that there is no parcel of this id.
var ErrUnknown = errors.New("unknown parcel")

// Store is safe for concurrent use within one process.
type Store struct {
	path string
	lock sync.Mutex
	all  map[string]parcel.Parcel
}

// Open reads the file; a missing one is an empty store.
func Open(path string) (*Store, error) {
	s := &Store{path: path, all: map[string]parcel.Parcel{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &s.all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Put remembers a parcel under its id.
func (s *Store) Put(p parcel.Parcel) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.all[p.ID] = p
	data, err := json.Marshal(s.all)
	if err != nil {
		return err
	}
	return replace(s.path, data)
}

// Get finds a parcel by its id.
func (s *Store) Get(id string) (parcel.Parcel, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	p, ok := s.all[id]
	if !ok {
		return p, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return p, nil
}

// replace writes beside the file and renames, so that no reader sees half of it.
func replace(path string, data []byte) error {
	beside, err := os.CreateTemp(filepath.Dir(path), ".parcels-*")
	if err != nil {
		return err
	}
	defer os.Remove(beside.Name())
	if _, err := beside.Write(data); err != nil {
		return errors.Join(err, beside.Close())
	}
	if err := beside.Close(); err != nil {
		return err
	}
	return os.Rename(beside.Name(), path)
}
