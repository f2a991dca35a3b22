//go:build integration

package integration

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"example.com/courier/internal/parcel"
)

func TestWorkflowFromBookingToDelivery(t *testing.T) {
	front, _, fake := start(t)
	body := strings.NewReader(`{"from": "Bern", "to": "Rome", "grams": 300}`)
	booked, err := http.Post(front.URL+"/parcels", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	booked.Body.Close()
	for _, status := range []parcel.Status{parcel.InTransit, parcel.Delivered} {
		fake.move("p1", status)
		answer, err := http.Get(front.URL + "/parcels/p1")
		if err != nil {
			t.Fatal(err)
		}
		var shown parcel.Parcel
		err = json.NewDecoder(answer.Body).Decode(&shown)
		answer.Body.Close()
		if err != nil || shown.Status != status {
			t.Errorf("got %q, %v; want %q", shown.Status, err, status)
		}
	}
}
