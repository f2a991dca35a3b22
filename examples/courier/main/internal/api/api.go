// Package api is the HTTP interface of the service.
package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"example.com/courier/internal/carrier"
	"example.com/courier/internal/parcel"
	"example.com/courier/internal/store"
	"example.com/courier/internal/tariff"
)

// Server holds what the handlers need.
type Server struct {
	Carrier *carrier.Client
	Parcels *store.Store
	Tariffs tariff.Book
}

// Handler routes requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/parcels", s.book)
	mux.HandleFunc("/parcels/", s.show)
	mux.HandleFunc("/quote", s.quote)
	return mux
}

func (s *Server) book(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	var p parcel.Parcel
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := p.Check(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	booked, err := s.Carrier.Book(r.Context(), p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if err := s.Parcels.Put(booked); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusCreated, booked)
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	p, err := s.Parcels.Get(strings.TrimPrefix(r.URL.Path, "/parcels/"))
	if errors.Is(err, store.ErrUnknown) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	status, err := s.Carrier.Track(r.Context(), p.ID)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if status != p.Status {
		if p, err = p.Advance(status); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		if err := s.Parcels.Put(p); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	answer(w, http.StatusOK, p)
}

func (s *Server) quote(w http.ResponseWriter, r *http.Request) {
	grams, err := strconv.Atoi(r.FormValue("grams"))
	if err != nil {
		http.Error(w, "grams: "+err.Error(), http.StatusBadRequest)
		return
	}
	price, err := s.Tariffs.Quote(r.Context(), r.FormValue("to"), grams)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	answer(w, http.StatusOK, map[string]string{"price": price.String()})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
