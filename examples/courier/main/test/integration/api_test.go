package integration

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestAPIBooksAndShows(t *testing.T) {
	front, _, _ := start(t)
	body := strings.NewReader(`{"from": "Bern", "to": "Oslo", "grams": 1200}`)
	booked, err := http.Post(front.URL+"/parcels", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer booked.Body.Close()
	var parcel struct{ ID, Status string }
	if err := json.NewDecoder(booked.Body).Decode(&parcel); err != nil {
		t.Fatal(err)
	}
	shown, err := http.Get(front.URL + "/parcels/" + parcel.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Body.Close()
	if shown.StatusCode != http.StatusOK || parcel.Status != "booked" {
		t.Errorf("parcel %q is %q, shown with %s", parcel.ID, parcel.Status, shown.Status)
	}
}

func TestAPIQuotes(t *testing.T) {
	front, _, _ := start(t)
	for query, want := range map[string]int{
		"to=Oslo&grams=1200":  http.StatusOK,
		"to=Oslo&grams=many":  http.StatusBadRequest,
		"to=Atlantis&grams=1": http.StatusBadGateway,
	} {
		answer, err := http.Get(front.URL + "/quote?" + query)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %s, want %d", query, answer.Status, want)
		}
	}
}
